import { always, type Check, fail, flag, notRun, pass } from './check.ts';

const blind = 'this machine does not tell what its processes do (no /proc)';

/** Looks are some hundred milliseconds apart. */
const lastingLooks = 4;

/** The server must do the work itself: it opens no connection to anything else. */
export const network: Check = {
  id: 'network',
  kind: 'integrity',
  required: always,
  open: () => ({
    async verdict({ traces }) {
      if (traces.length === 0 || traces.some(({ watched }) => !watched)) return notRun(blind);
      const outbound = traces.flatMap((one) => one.outbound);
      const looks = traces.reduce((total, one) => total + one.looks, 0);
      if (outbound.length === 0) return pass(`${looks} looks: no connection but the judge's own`);
      const told = (some: typeof outbound) =>
        [...new Set(some.map(({ to }) => to))].slice(0, 5).join(', ');
      // Libraries look for updates as they start, and give up; work that is done elsewhere stays.
      const lasting = outbound.filter((one) => one.looks >= lastingLooks);
      if (lasting.length === 0) return flag(`opened connections for a moment: ${told(outbound)}`);
      return fail(`while it served it was connected to ${told(lasting)}`);
    },
  }),
};

/** What it starts ends with it: a daemon could answer for a later launch, or watch the judge. */
export const survivors: Check = {
  id: 'survivors',
  kind: 'integrity',
  required: always,
  open: () => ({
    async verdict({ traces }) {
      if (traces.length === 0 || traces.some(({ watched }) => !watched)) return notRun(blind);
      const stops = traces.flatMap(({ stop }) => (stop === null ? [] : [stop]));
      const alive = stops.flatMap((one) => one.survivors);
      if (alive.length > 0) return fail(`processes ${alive.join(', ')} could not be ended`);
      if (stops.some((one) => one.stillAnswered)) {
        return fail('its port still answered when the launcher had ended');
      }
      const left = traces.flatMap(({ processes }) =>
        processes.filter((one) => one.otherSession && one.orphaned),
      );
      if (left.length > 0) {
        const names = [...new Set(left.map(({ command }) => command.slice(0, 80)))];
        return fail(
          `became a daemon (left the launcher's session and its parent): ${names.join('; ')}`,
        );
      }
      const swept = stops.flatMap((one) => one.sweptPids).length;
      const moved = traces.some(({ processes }) => processes.some((one) => one.otherSession));
      const told = `${traces.length} launches, ${new Set(traces.flatMap(({ processes }) => processes.map(({ pid }) => pid))).size} processes seen, none left`;
      if (moved) return flag(`${told}; some ran in a session of their own`);
      return swept > 0 ? flag(`${told}; ${swept} had to be ended by force`) : pass(told);
    },
  }),
};

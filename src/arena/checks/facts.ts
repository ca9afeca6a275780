/** What a small model knows more often than not. */
export interface FactKind {
  asks: readonly ((name: string) => string)[];
  /** What an answer begins with, as a sentence. */
  says: (name: string) => string;
  /** Name and answer. */
  facts: readonly (readonly [string, string])[];
}

export const factKinds: readonly FactKind[] = [
  {
    asks: [
      (name) => `What is the capital of ${name} ?`,
      (name) =>
        `Question : What is the capital city of ${name} ? Answer : The capital of ${name} is`,
    ],
    says: (name) => `The capital of ${name} is`,
    facts: [
      ...([
        ['France', 'Paris'],
        ['Italy', 'Rome'],
        ['Spain', 'Madrid'],
      ] as const),
      ...([
        ['Germany', 'Berlin'],
        ['Japan', 'Tokyo'],
        ['China', 'Beijing'],
      ] as const),
      ...([
        ['Russia', 'Moscow'],
        ['Egypt', 'Cairo'],
        ['Greece', 'Athens'],
      ] as const),
      ...([
        ['Portugal', 'Lisbon'],
        ['Austria', 'Vienna'],
        ['Ireland', 'Dublin'],
      ] as const),
      ...([
        ['Canada', 'Ottawa'],
        ['Cuba', 'Havana'],
        ['Peru', 'Lima'],
      ] as const),
      ...([
        ['Poland', 'Warsaw'],
        ['Norway', 'Oslo'],
        ['Sweden', 'Stockholm'],
      ] as const),
      ...([
        ['Turkey', 'Ankara'],
        ['England', 'London'],
        ['Hungary', 'Budapest'],
      ] as const),
      ...([
        ['Belgium', 'Brussels'],
        ['Kenya', 'Nairobi'],
        ['Denmark', 'Copenhagen'],
      ] as const),
    ],
  },
  {
    asks: [
      (name) => `What is the opposite of ${name} ?`,
      (name) =>
        `Question : What is the opposite of the word ${name} ? Answer : The opposite of ${name} is`,
    ],
    says: (name) => `The opposite of ${name} is`,
    facts: [
      ...([
        ['hot', 'cold'],
        ['big', 'small'],
        ['up', 'down'],
        ['day', 'night'],
      ] as const),
      ...([
        ['black', 'white'],
        ['good', 'bad'],
        ['left', 'right'],
        ['wet', 'dry'],
      ] as const),
      ...([
        ['fast', 'slow'],
        ['happy', 'sad'],
        ['open', 'closed'],
        ['rich', 'poor'],
      ] as const),
      ...([
        ['hard', 'soft'],
        ['high', 'low'],
        ['early', 'late'],
        ['old', 'young'],
      ] as const),
    ],
  },
];

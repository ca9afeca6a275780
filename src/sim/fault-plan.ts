import { createRng } from '../core/index.ts';
import type { Fault, FaultWhen } from './fault-spec.ts';
import type { SimSpec } from './sim-spec.ts';

/** Says which fault, if any, hits a request. */
export interface FaultPlan {
  /** @param number 1-based order of arrival among generation requests. */
  pick(number: number, atUs: number): Fault | null;
  /** Request number from which connections are refused; null = never. */
  readonly refuseFrom: number | null;
}

/** @param startUs start of the server on the clock of `atUs`. */
export function createFaultPlan(spec: SimSpec, startUs: number): FaultPlan {
  const holds = (when: FaultWhen, position: number, number: number, atUs: number): boolean => {
    if (when.every !== undefined && number % when.every !== 0) return false;
    if (when.from !== undefined && number < when.from) return false;
    if (when.to !== undefined && number > when.to) return false;
    if (when.afterMs !== undefined && atUs - startUs < when.afterMs * 1000) return false;
    if (when.probability === undefined) return true;
    return createRng(spec.seed, `sim/fault/${position}/${number}`).next() < when.probability;
  };
  const refusals = spec.faults.filter((fault) => fault.kind === 'refuse');
  return {
    refuseFrom:
      refusals.length === 0 ? null : Math.min(...refusals.map((fault) => fault.when.from ?? 1)),
    pick(number, atUs) {
      return spec.faults.find((fault, i) => holds(fault.when, i, number, atUs)) ?? null;
    },
  };
}

/** A reply that replaces the real one, complete before any work is done. */
export interface CannedReply {
  status: number;
  headers: Record<string, string>;
  body: string;
}

const errorTypes: Record<number, string> = {
  400: 'BadRequestError',
  401: 'AuthenticationError',
  404: 'NotFoundError',
  429: 'RateLimitError',
  503: 'ServiceUnavailableError',
};

/** An error body as vLLM writes it. */
export function openAiError(status: number, message: string, param: string | null = null): string {
  const type = errorTypes[status] ?? 'InternalServerError';
  return JSON.stringify({ error: { message, type, param, code: status } });
}

export function modelNotFound(model: string): CannedReply {
  return jsonReply(404, openAiError(404, `The model \`${model}\` does not exist.`, 'model'));
}

export function jsonReply(status: number, body: string): CannedReply {
  return { status, headers: { 'content-type': 'application/json' }, body };
}

/** An error in another shape; replies that are none stay as they are. */
export function shapeError(reply: CannedReply, shape: 'openai' | 'detail' | 'text'): CannedReply {
  if (shape === 'openai' || reply.status < 400) return reply;
  if (shape === 'detail') return { ...reply, body: JSON.stringify({ detail: 'Not accepted.' }) };
  const headers = { ...reply.headers, 'content-type': 'text/plain' };
  return { ...reply, headers, body: 'Not accepted.' };
}

const usualMessages: Record<number, string> = {
  401: 'Unauthorized',
  429: 'Rate limit exceeded, retry later.',
  500: 'Internal server error',
  503: 'The server is overloaded.',
};

/** The complete reply of a fault that answers at once; null for faults of another sort. */
export function cannedReplyOf(fault: Fault, model: string): CannedReply | null {
  switch (fault.kind) {
    case 'http': {
      const { status } = fault;
      const usual =
        status === 404
          ? JSON.stringify({ detail: 'Not Found' })
          : openAiError(status, usualMessages[status] ?? `Status ${status}`);
      const headers = { 'content-type': fault.contentType, ...fault.headers };
      return { status, headers, body: fault.body ?? usual };
    }
    case 'model-not-found':
      return modelNotFound(model);
    case 'context-length':
      return jsonReply(
        400,
        JSON.stringify({
          error: {
            code: 400,
            message: 'request exceeds the available context size, try increasing it',
            type: 'exceed_context_size_error',
          },
        }),
      );
    case 'html':
      return {
        status: 200,
        headers: { 'content-type': 'text/html; charset=utf-8' },
        body: '<!doctype html><html><head><title>Sign in</title></head><body>Gateway</body></html>',
      };
    case 'empty-body':
      return { status: 200, headers: { 'content-type': 'text/event-stream' }, body: '' };
    case 'garbage':
      return {
        status: 200,
        headers: { 'content-type': 'text/event-stream' },
        body: 'data: {"choices": [{"delta"\n\ndata: ]]] not json\n\nnonsense\n\n',
      };
    default:
      return null;
  }
}

import { describe, expect, it } from 'vitest';
import type { Environment, ModelInfo } from '../model/index.ts';
import {
  checkHardware,
  checkQuant,
  checkSharedHost,
  describeHardware,
  isLocalUrl,
  quantOfName,
} from './describe-run.ts';

const machine = (gpus: string[] = [], cpuCount = 8): Environment =>
  ({
    cpuModel: 'AMD EPYC 7B13',
    cpuCount,
    gpus: gpus.map((name) => ({ name, memoryBytes: null, driver: null })),
  }) as unknown as Environment;

describe('quantOfName', () => {
  it.each([
    ['SmolLM2-135M-Instruct.Q4_1.gguf', 'q4_1'],
    ['/models/Qwen3-8B-Q4_K_M.gguf', 'q4_k_m'],
    ['RedHatAI/Llama-3.3-70B-Instruct-FP8', 'fp8'],
    ['TheBloke/Mistral-7B-AWQ', 'awq'],
    ['model-IQ2_XXS.gguf', 'iq2_xxs'],
    ['org/model-w4a16', 'w4a16'],
    ['meta-llama/Llama-3.1-8B-Instruct', null],
    // A model's own name is no quantisation.
    ['Qwen/Qwen3-8B', null],
    [null, null],
  ])('%s -> %s', (name, quant) => {
    expect(quantOfName(name)).toBe(quant);
  });
});

describe('checkQuant', () => {
  const model = (quantAsked: string | null, quant: string | null) =>
    ({ quantAsked, quant }) as ModelInfo;
  it('says nothing when nothing was asked or both agree in other spelling', () => {
    expect(checkQuant(model(null, 'q8_0'))).toEqual([]);
    expect(checkQuant(model('Q4-K-M', 'q4_k_m'))).toEqual([]);
  });
  it('tells a mismatch from what cannot be known', () => {
    expect(checkQuant(model('fp8', 'q4_1'))[0]).toMatchObject({
      code: 'quant-mismatch',
      severity: 'warning',
    });
    expect(checkQuant(model('fp8', null))[0]).toMatchObject({ code: 'quant-unverified' });
  });
});

describe('checkHardware', () => {
  it('accepts any spelling of what is there', () => {
    expect(checkHardware('h100', machine(['NVIDIA H100 80GB HBM3']), true)).toEqual([]);
    expect(checkHardware('H100-80GB', machine(['NVIDIA H100 80GB HBM3']), true)).toEqual([]);
    expect(checkHardware('cpu', machine(), true)).toEqual([]);
    expect(checkHardware('epyc', machine(), true)).toEqual([]);
  });
  it('does not take one card for another', () => {
    expect(checkHardware('h100', machine(['NVIDIA H200']), true)[0]?.code).toBe(
      'hardware-mismatch',
    );
    expect(checkHardware('cpu', machine(['NVIDIA L40S']), true)[0]?.code).toBe('hardware-mismatch');
    expect(checkHardware('h100', machine(), false)[0]?.code).toBe('hardware-unverified');
  });
  it('names what it found', () => {
    expect(describeHardware(machine(['NVIDIA L4', 'NVIDIA L4']), true)).toBe('2x NVIDIA L4');
    expect(describeHardware(machine(), true)).toBe('AMD EPYC 7B13 (8 CPUs)');
    expect(describeHardware(machine(), false)).toContain('unknown');
  });
});

describe('isLocalUrl', () => {
  it.each([
    ['http://localhost:8000/v1', true],
    ['http://127.0.0.5:1/v1', true],
    ['http://[::1]:8000/v1', true],
    ['https://api.example.com/v1', false],
    ['http://127.0.0.1.example.com/v1', false],
  ])('%s: %s', (url, local) => {
    expect(isLocalUrl(url)).toBe(local);
  });
});

describe('checkSharedHost', () => {
  const figures = (machineBusyShare: number) => ({
    loop: { p99Ms: 1, maxMs: 2, gcMaxPauseMs: 1 },
    cpuShare: 0.2,
    machineBusyShare,
  });
  it('warns when the machine was full, informs when it was not', () => {
    expect(checkSharedHost(true, machine(), figures(0.99))[0]?.severity).toBe('warning');
    expect(checkSharedHost(true, machine(), figures(0.4))[0]?.severity).toBe('info');
    expect(checkSharedHost(true, machine([], 1), figures(0.4))[0]?.severity).toBe('warning');
    expect(checkSharedHost(false, machine(), figures(0.99))).toEqual([]);
  });
});

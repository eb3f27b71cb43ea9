import { describe, expect, it } from 'vitest';

import type { OwnPart } from '../src/part.ts';
import type { Configuration } from '../src/parts/configured-server.ts';
import type { ConfiguredSuite } from '../src/parts/configured-suite.ts';
import { processesOfFolder } from '../src/processes-of-folder.ts';
import { openOwnSuite, timeout } from './own-server-contract.ts';

export interface ProxyContract {
  readonly part: OwnPart<ConfiguredSuite>;
  /** Answers every request with this text. */
  readonly answering: (text: string) => Configuration;
  /** Has an error in its fourth line. */
  readonly wrong: Configuration;
  /** How the program says so. */
  readonly complaint: RegExp;
}

/** What holds for each server whose workers are replaced at a reload. */
export function proxyContract({ part, answering, wrong, complaint }: ProxyContract): void {
  describe('its configuration', () => {
    it(
      'is the one of the suite, although others run',
      async () => {
        const [one, other] = [await openOwnSuite(part), await openOwnSuite(part)];
        const blue = await one.suite.start({ config: answering('blue') });
        const green = await other.suite.start({ config: answering('green') });
        expect(await answerOf(blue.url)).toBe('blue');
        expect(await answerOf(green.url)).toBe('green');
        await one.suite[Symbol.asyncDispose]();
        expect(await answerOf(green.url)).toBe('green');
      },
      timeout,
    );

    it('is refused in the words of the program where it is wrong, with the line', async () => {
      const { suite, folder } = await openOwnSuite(part);
      await expect(suite.start({ config: wrong })).rejects.toMatchObject({
        code: 'PART_START_FAILED',
        message: expect.stringMatching(complaint) as string,
      });
      expect(await processesOfFolder(folder)).toEqual([]);
    });
  });

  describe('a reload', () => {
    it(
      'is over when every new connection meets the new configuration, and fails none in between',
      async () => {
        const { suite } = await openOwnSuite(part);
        const server = await suite.start({ config: answering('0') });
        const over = new AbortController();
        const client = answersUntil(over.signal, server.url);
        for (let reload = 1; reload <= 10; reload += 1) {
          await server.reload({ config: answering(`${reload}`) });
          expect(await answerOf(server.url)).toBe(`${reload}`);
        }
        over.abort();
        const answers = await client;
        expect(answers).not.toContain('none');
        expect(new Set(answers).size).toBeGreaterThan(1);
      },
      timeout,
    );

    it(
      'keeps the process, and the configuration where the new one is wrong',
      async () => {
        const { suite } = await openOwnSuite(part);
        const server = await suite.start({ config: answering('blue') });
        await expect(server.reload({ config: wrong })).rejects.toThrow(complaint);
        expect(await answerOf(server.url)).toBe('blue');
        await server.reload({ config: answering('green') });
        expect(await answerOf(server.url)).toBe('green');
        expect(() => process.kill(server.pid, 0)).not.toThrow();
      },
      timeout,
    );
  });
}

/** What a client gets that asks again and again. */
async function answersUntil(end: AbortSignal, url: string): Promise<readonly string[]> {
  const answers: string[] = [];
  while (!end.aborted) answers.push(await answerOf(url).catch(() => 'none'));
  return answers;
}

/** By a connection of its own, which the next request does not use again. */
async function answerOf(url: string): Promise<string> {
  const response = await fetch(url, { headers: { connection: 'close' }, signal: AbortSignal.timeout(10_000) });
  return (await response.text()).trim();
}

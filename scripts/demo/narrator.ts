import { performance } from "node:perf_hooks";

/** Tells a person what happens, step by step, each with its time, and remembers what did not hold. */
export interface Narrator {
  chapter(title: string): void;
  /** Runs one step. What it returns is printed under it; what it throws is a step that did not hold. */
  step<T>(title: string, work: () => Promise<Told<T>>): Promise<T>;
  /** Prints the closing lines. True if every step held. */
  close(): boolean;
}

export interface Told<T> {
  value: T;
  /** Lines for the person, under the step. */
  lines?: string[];
}

const colour = process.stdout.isTTY
  ? (code: number, text: string) => `\u001b[${code}m${text}\u001b[0m`
  : (_: number, text: string) => text;

export function createNarrator(): Narrator {
  const startedAt = performance.now();
  let held = 0;
  let failed = 0;

  return {
    chapter(title) {
      console.log(`\n${colour(1, title)}`);
    },
    async step(title, work) {
      const from = performance.now();
      try {
        const { value, lines = [] } = await work();
        held += 1;
        console.log(`  ${colour(32, "✔")} ${title} ${colour(90, milliseconds(from))}`);
        for (const line of lines) console.log(`      ${colour(90, line)}`);
        return value;
      } catch (error) {
        failed += 1;
        console.log(`  ${colour(31, "✘")} ${title} ${colour(90, milliseconds(from))}`);
        console.log(`      ${error instanceof Error ? error.message : String(error)}`);
        throw error;
      }
    },
    close() {
      const total = ((performance.now() - startedAt) / 1000).toFixed(1);
      console.log(`\n${held} steps held, ${failed} did not, in ${total} s.`);
      return failed === 0;
    },
  };
}

function milliseconds(from: number): string {
  return `${Math.round(performance.now() - from)} ms`;
}

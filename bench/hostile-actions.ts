import type { TestAction } from "../test/support/plugin.ts";

/** What plugins do that mean harm, or are broken: each costs its host as much as it can. */
export const hostileActions: Record<string, TestAction> = {
  spin: { run: "for (;;) {}" },
  "spin-uninterruptible": { run: "for (;;) new Array(1000).fill(0);" },
  "fill-the-heap": { run: "const held = []; for (;;) held.push(new Array(10000).fill({ a: 1 }));" },
  "one-huge-allocation": { run: "return 'x'.repeat(2 ** 29 - 100).split('').length;" },
  "huge-strings": { run: "let text = 'x'; for (;;) text += text.padEnd(text.length * 2, text);" },
  "microtask-flood": {
    run: "await new Promise(() => { const next = () => Promise.resolve().then(next); next(); });",
  },
  "timer-flood": {
    run: "for (let i = 0; i < 900; i += 1) setInterval(() => { JSON.stringify(new Array(1000).fill(i)); }, 0); await new Promise(() => {});",
  },
  "log-flood": { run: "for (let i = 0; i < 100000; i += 1) log.info('x'.repeat(1000)); return {};" },
  "slow-pattern": { run: "return /^(a+)+$/.test('a'.repeat(60) + 'b');" },
  recursion: { run: "const deeper = () => deeper() + 1; return deeper();" },
  "never-answer": { run: "await new Promise(() => {});" },
  "huge-output": { run: "return { text: 'x'.repeat(50_000_000) };" },
  "deep-output": {
    run: "let value = {}; for (let i = 0; i < 100000; i += 1) value = { value }; return value;",
  },
  "throw-a-proxy": { run: "throw new Proxy({}, { get() { for (;;) {} } });" },
};

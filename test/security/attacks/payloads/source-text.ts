import type { Attack } from "../support/attack.ts";

/**
 * Tricks with the text of a plugin. Each `prelude` stands at the top of the module, where it would do its work while
 * the code is loaded; what it reached it leaves in the global `reached`. Code that is refused altogether reaches nothing.
 */
const reach = `globalThis.reached ??= typeof process === "undefined" && typeof require === "undefined" && typeof eval === "undefined" ? undefined : "the thread's names";`;

const breakouts: { [how: string]: string | [prelude: string, from: string] } = {
  "closing the function that wraps it": `}); ${reach} (function (module, exports) {`,
  "closing the function and the one around it": `})})()}; ${reach} ({ a() { (function () { (function () {`,
  "a comment that swallows the wrapper's end": `${reach} /*`,
  "a template that swallows the wrapper's end": `${reach} \``,
  "a line separator in a comment": `// \u2028 ${reach}`,
  "a paragraph separator in a string": `"\u2029"; ${reach}`,
  "a name of its own for its source": `//# sourceURL=file:///etc/passwd\n${reach}`,
  "a source map on the host's disk": `//# sourceMappingURL=file:///etc/passwd\n${reach}`,
  "a directive that ends strict mode": `"use sloppy"; ${reach} globalThis.reached ??= (function () { return this; })() && "a sloppy this";`,
  "names with unicode escapes": `globalThis.reached ??= typeof \\u0070rocess === "undefined" && typeof \\u{65}val === "undefined" ? undefined : "the thread's names";`,
  "a byte order mark": `\ufeff${reach}`,
  "a class static block": `class A { static { ${reach} } }`,
  "a label, a debugger and an empty block": `top: { debugger; ${reach} }`,
};

const refused: { [how: string]: string | [prelude: string, from: string] } = {
  "import()": "import('node:fs')",
  "import() with a comment": "import/**/('node:fs')",
  "import() after a line comment": "import//\n('node:fs')",
  "import() over two lines": "import\n('node:fs')",
  "import() with an odd space": "import\u2028('node:fs')",
  "import() with a byte order mark": "import\ufeff('node:fs')",
  "import() that is spread": ["[...import('node:fs')]", "CVE-2023-39532 (SES)"],
  "import() in a template": "`\u0024{import('node:fs')}`",
  "import() of a data: module": "import('data:text/javascript,export default 1')",
  "import() with options": "import('node:fs', { with: {} })",
  "import() in a default argument": "(async (fs = import('node:fs')) => fs)()",
  "import() with a unicode escape": "im\\u0070ort('node:fs')",
  "import.meta": "import.meta.url",
  "import.meta in pieces": "import . meta",
  "import.source()": "import.source('node:fs')",
  "import.source() in pieces": "import . source('node:fs')",
  "import.source() with a comment": "import./**/source('node:fs')",
  "import.source() after a comment": "import/**/.source('node:fs')",
  "import.source() with a unicode escape": "import.s\\u006furce('node:fs')",
  "import.defer()": "import.defer('node:fs')",
  "import.defer() with a unicode escape": "import.d\\u0065fer('node:fs')",
  "a static import": "import fs from 'node:fs'",
  "an export": "export const a = 1",
  "an HTML comment": "1 <!-- 2",
  "an HTML comment's end": "\n--> 2",
  with: ["with ({}) {}", "CVE-2026-1470 (n8n)"],
  "an octal number": "010",
  "delete of a name": "var a; delete a",
  "an assignment to arguments": "(function (a) { arguments = a; })()",
};

const works = "It is not a way out even of a weakened sandbox.";

const breakoutAttacks: Attack[] = Object.entries(breakouts).map(([how, entry]) => ({
  to: `reach the thread's names by ${how}`,
  prelude: typeof entry === "string" ? entry : entry[0],
  // Not with the tools: some of these leave them behind in another function.
  code: `if (globalThis.reached !== undefined) return { won: globalThis.reached };`,
  ...(/swallows|line separator in a comment|around it/.test(how) && { notNoticed: works }),
}));

/** These are syntax, so each is in a plugin of its own: one that was not refused answers. */
const refusedAttacks: Attack[] = Object.entries(refused).map(([how, entry]) => {
  const [source, from] = typeof entry === "string" ? [entry, undefined] : entry;
  const attack: Attack = {
    to: `load with ${how} in its code`,
    prelude: `const trySource = async () => { ${source}; };`,
    code: `return won("it was loaded");`,
    notNoticed: "See the test of import() in a weakened sandbox.",
  };
  return from === undefined ? attack : { ...attack, from };
});

const imports: Attack[] = [
  {
    to: "import a module of Node's",
    prelude: `const found = () => import("node:os");`,
    code: `return won((await found()).EOL.length);`,
  },
  {
    to: "use a statement of sloppy mode",
    prelude: `const sloppy = () => { with ({ inside: 1 }) return inside; };`,
    code: `return won(sloppy());`,
  },
];

export const sourceText: Attack[] = [...breakoutAttacks, ...refusedAttacks, ...imports];

/**
 * Code that would do something else in the sandbox than in Node: the build refuses it, or where it may be code that
 * never runs, warns. Each says where it is and what to do.
 */
export const refused: { [what: string]: { files: { [file: string]: string }; problem: RegExp } } = {
  "an import of what is known only later": {
    files: { "case.js": "export default async (name) =>\n  import(name);" },
    problem: /case\.js:2:\d+: "import" looks like a dynamic import.* name the file as a plain string/,
  },
  "an import in phases": {
    files: { "case.js": 'export default async () =>\n  import.source("./x.wasm");' },
    problem: /case\.js:2:\d+: /,
  },
  "a direct eval": {
    files: { "case.js": 'export default () =>\n  eval("1");' },
    problem: /case\.js:2:\d+: "eval" looks like eval.* Plugins cannot make code from text/,
  },
  "text in a tagged template, which sees how it is written": {
    files: { "case.js": "export default () =>\n  String.raw`import(x)`;" },
    problem: /case\.js:2:\d+: "import" looks like a dynamic import/,
  },
  "sloppy mode's with": {
    files: {
      "case.js": 'import old from "./old.cjs"; export default old;',
      "old.cjs": "\nwith ({ a: 1 }) { module.exports = () => a; }",
    },
    problem: /old\.cjs:2:\d+: 'with' in strict mode\. In the sandbox all code is strict/,
  },
  "an await at the top of a file": {
    files: { "case.js": "const x = 1;\nawait x;\nexport default () => x;" },
    problem: /case\.js:2:\d+: There is no await at the top of a file.* Await inside of run\(\)/,
  },
  "a style sheet": {
    files: { "case.js": 'import "./a.css";\nexport default () => 1;', "a.css": "a { color: red }" },
    problem: /case\.js:1:\d+: "\.\/a\.css" is a style sheet.* Leave the import out/,
  },
  "compiled code": {
    files: { "case.js": 'import code from "./a.wasm";\nexport default () => code;', "a.wasm": "" },
    problem: /case\.js:1:\d+: No loader is configured for "\.wasm" files/,
  },
  "a module of Node, imported when it is needed": {
    files: { "case.js": 'export default async () =>\n  (await import("node:fs")).x;' },
    problem: /case\.js:2:\d+: "node:fs" is a module of Node/,
  },
  "a change of a shared prototype, as the code loads": {
    files: { "case.js": "\nArray.prototype.last = function () {};\nexport default () => [1].last();" },
    problem: /case\.js:2:\d+: This changes Array\.prototype\.last, which is frozen in the sandbox/,
  },
  "a polyfill of what no language has, as the code loads": {
    files: {
      "case.js":
        '\nif (![].zzz) Object.defineProperty(Array.prototype, "zzz", { value: 1 });\nexport default () => 1;',
    },
    problem: /case\.js:2:\d+: Here "Cannot define property zzz, object is not extensible" was thrown/,
  },
  "an assignment over a function's own call, as the code loads": {
    files: { "case.js": "const f = () => 1;\nf.call = 3;\nexport default () => f;" },
    problem: /case\.js:2:\d+: Here "Cannot assign to read only property 'call'/,
  },
};

export const warnedOf: typeof refused = {
  "a change of a shared prototype, when it runs": {
    files: { "case.js": "export default () => {\n  Error.prototype.extra = 1;\n};" },
    problem: /case\.js:2:\d+: This changes Error\.prototype\.extra, which is frozen/,
  },
  "a property defined on what is shared": {
    files: { "case.js": 'export default () =>\n  Object.defineProperty(String, "shout", { value: 1 });' },
    problem: /case\.js:2:\d+: This changes String, which is frozen/,
  },
  "code from text": {
    files: { "case.js": 'export default () =>\n  new Function("return 3")();' },
    problem: /case\.js:2:\d+: Function makes code from text/,
  },
  "an indirect eval": {
    files: { "case.js": 'export default () =>\n  (0, eval)("1");' },
    problem: /case\.js:2:\d+: The sandbox has no "eval"/,
  },
  "arguments.callee": {
    files: {
      "case.js": 'import old from "./old.cjs"; export default old;',
      "old.cjs": "module.exports = function () {\n  return arguments.callee;\n};",
    },
    problem: /old\.cjs:2:\d+: arguments\.callee throws in the sandbox/,
  },
  "an assignment to what is declared nowhere": {
    files: {
      "case.js": 'import old from "./old.cjs"; export default old;',
      "old.cjs": "module.exports = function () {\n  lost = 1;\n};",
    },
    problem: /old\.cjs:2:\d+: "lost" is assigned and declared nowhere/,
  },
  "an address of the module": {
    files: { "case.js": "export default () =>\n  import.meta.url;" },
    problem: /case\.js:2:\d+: import\.meta is empty in a plugin/,
  },
  "a require of what is known only later": {
    files: {
      "case.js": 'import old from "./old.cjs"; export default old;',
      "old.cjs": "module.exports = (name) =>\n  require(name);",
    },
    problem: /old\.cjs:2:\d+: What is required here is not known while building/,
  },
  "names of other hosts": {
    files: { "case.js": "export default () =>\n  new WeakRef(process.env);" },
    problem: /case\.js:2:\d+: The sandbox has no "WeakRef".*case\.js:2:\d+: The sandbox has no "process"/s,
  },
};

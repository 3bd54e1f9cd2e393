const raw = String.raw;

/**
 * Code that gives the same in the sandbox as in Node, or the build would have changed its meaning. The first file
 * default-exports a function, which answers JSON; the others are its neighbours.
 */
export const sameAsInNode: { [what: string]: { [file: string]: string } } = {
  "text that looks like code, in strings": {
    "case.js": raw`export default () => ["import('x')", 'import (x)', "import /* x */", "import // x", "eval('1')",
      "eval (1)", "<!-- x -->", "import.source('x')", "\"import(\" \\import(", 'a\import(', '\import("'];`,
  },
  "text that looks like code, in templates": {
    "case.js": `export default () => [\`import(\${1})\`, \`a \${1} import (x) <!-- \${2} --> eval(3)\`, \`\\import(\`, \`\\u0069mport(\`];`,
  },
  "text that looks like code, in regular expressions": {
    "case.js": raw`export default () => [
      /import\(|import \(/.test("import ("), /\import (x)/.test("import x"), /eval(?=\()/.test("eval("),
      /(?<!--)x/.test("--x"), /(?<!--)x/.test("-x"), /^[<!--]+$/.test("%&-"), /^[<!--]+$/.test("."),
      /^[-->]+$/.test(".:=>"), /^[+-->]+$/.test(",+>"), /a-->b/.test("a-->b"), /<!--/u.test("<!--"),
      /(?<import>x)/.exec("x").groups.import];`,
  },
  "text that looks like code, as names": {
    "case.js": raw`
      const $eval = (x) => x + 1, $import = (x) => x * 2;
      const scope = { $eval, $import, eval(x) { return x; }, import(x) { return x; }, "import(": 3, "-->": 4 };
      class Loader {
        "import(x)" = 9;
        import() { return 5; }
        static eval(x) { return x; }
        #import(x) { return x; }
        #eval = (x) => x;
        both() { return this.#import(6) + this.#eval(7); }
        *["import("]() {}
      }
      const o = { get import() { return 4; }, set import(x) { this.v = x; }, get eval() { return 5; } };
      o.import = 3;
      export default () => [$eval(1), $import(2), scope.$eval(3), scope.$import(4), scope.eval(5), scope.import(6),
        scope . import (7), scope?.import(8), scope?.["import"](9), scope["import("], Object.keys(scope),
        scope.import.name, $eval.name, new Loader().import(), Loader.eval(8), new Loader().both(),
        Object.keys(new Loader()), o.import, o.v, o.eval];`,
  },
  "exports with the names of keywords": {
    "case.js": `import * as own from "./own.js"; import { import as load } from "./own.js"; import old from "./old.cjs";
      export default () => [own.import(1), own.eval(2), load(3), old.import(4), old.eval(5)];`,
    "own.js": "const next = (x) => x + 1; export { next as import, next as eval };",
    "old.cjs": "exports.import = function (x) { return x + 1; }; exports.eval = (x) => x;",
  },
  "text that looks like code, in comments": {
    "case.js": `/* import("x") <!-- --> eval(1) */ export default () => { // import('x') -->
      return 1; /* --> */ }`,
  },
  "JSON with such keys": {
    "case.js": `import data from "./data.json" with { type: "json" }; export default () => data;`,
    "data.json": '{ "import(": "-->", "<!--": "eval(1)" }',
  },
  "an arrow that runs down to zero": {
    "case.js": "export default () => { let x = 3, n = 0; while (x-->0) n++; return [n, x]; }",
  },
  "new syntax": {
    "case.js": raw`async function* count() { yield 1; yield 2; }
      export default async () => {
        let sum = 0;
        for await (const one of count()) sum += one;
        return [sum, String(2n ** 70n), /^[\p{L}--[a-z]]+$/v.test("ABC"), /^[\w-->]+$/v.test("a"), /[[a-z]&&[aeiou]]/v.test("b"),
          [...new Set([1]).union(new Set([2]))], Object.groupBy([1, 2], (x) => (x % 2 ? "odd" : "even")), [3, 1].toSorted()];
      };`,
  },
  "an import of a file by its name, or by a pattern": {
    "case.js": `const name = "b"; export default async () => [(await import("./d/a.js")).x, (await import(\`./d/\${name}.js\`)).x];`,
    "d/a.js": "export const x = 7;",
    "d/b.js": "export const x = 8;",
  },
  "packages that look for the global object": {
    "case.js": `import umd from "./umd.cjs"; import root from "./root.cjs"; export default () => [umd(), root()];`,
    "umd.cjs": `(function (root, factory) {
      if (typeof define === "function" && define.amd) define([], factory);
      else if (typeof module === "object" && module.exports) module.exports = factory();
      else root.X = factory();
    })(typeof self !== "undefined" ? self : this, function () { return () => 11; });`,
    "root.cjs": `var freeGlobal = typeof global == "object" && global && global.Object === Object && global;
      var freeSelf = typeof self == "object" && self && self.Object === Object && self;
      var root = freeGlobal || freeSelf || Function("return this")();
      module.exports = () => [typeof root.Array, (() => 1) instanceof Function, typeof Function.prototype.toString];`,
  },
  "CommonJS with a this of its own": {
    "case.js": `import own from "./own.cjs"; export default () => [own.x, own.y];`,
    "own.cjs": "this.x = 5; module.exports.y = 6;",
  },
  "polyfills of what is there": {
    "case.js": `Array.prototype.at ||= function () {};
      if (!Object.hasOwn) Object.hasOwn = () => true;
      export default () => [[1, 2].at(-1), Object.hasOwn({}, "a")];`,
  },
  "errors of one's own": {
    "case.js": `import Old from "./old.cjs";
      class Own extends Error {
        constructor(message) {
          super(message);
          if (Error.captureStackTrace) Error.captureStackTrace(this, Own);
          this.name = "Own";
          Object.setPrototypeOf(this, Own.prototype);
        }
      }
      Error.stackTraceLimit = 50;
      export default () => {
        const own = new Own("x"), old = new Old("y");
        return [own.name, String(own), own instanceof Own, typeof own.stack, old.name, String(old), old instanceof Error];
      };`,
    "old.cjs": `function Old(message) { Error.call(this, message); this.message = message; this.constructor = Old;
        this.toString = function () { return "Old!"; }; }
      Old.prototype = Object.create(Error.prototype); Old.prototype.constructor = Old; Old.prototype.name = "Old";
      module.exports = Old;`,
  },
  "members named like inherited ones": {
    "case.js": `const o = {}; o.toString = () => "o"; o.constructor = 1; o.hasOwnProperty = 2;
      class A {} A.prototype.toString = () => "A";
      export default () => [String(o), o.constructor, String(new A()), { __proto__: { a: 1 } }.a];`,
  },
  "an optional package that is not there": {
    "case.js": `import old from "./old.cjs"; export default () => old();`,
    "old.cjs": `var found; try { found = require("no-such-package"); } catch { found = null; } module.exports = () => found;`,
  },
};

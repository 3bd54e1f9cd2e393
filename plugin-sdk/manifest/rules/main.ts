import { defineRule } from "./rule.ts";

export const mainRule = defineRule({
  needs: ["main"],
  check({ main }) {
    const segments = main.split("/");
    if (/^[A-Za-z0-9._/-]+$/.test(main) && segments.every((one) => !["", ".", ".."].includes(one))) return [];
    return [
      {
        code: "main-invalid",
        pointer: "/main",
        message: `main is ${JSON.stringify(main)}; expected a path inside the package, such as dist/plugin.js.`,
      },
    ];
  },
});

import { SandboxError } from "@plugboard/sandbox";
import type { Check } from "./check.ts";

/** The code loads behind the same walls that it will run behind. */
export const loadsInSandbox: Check = {
  name: "loads-in-sandbox",
  async run({ describe }) {
    try {
      await describe();
      return [];
    } catch (error) {
      if (!(error instanceof SandboxError)) throw error;
      const message = `The code does not load in the sandbox (${error.code}): ${error.message}`;
      return [{ code: error.code, pointer: "/main", message }];
    }
  },
};

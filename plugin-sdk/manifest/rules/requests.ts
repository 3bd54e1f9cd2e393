import { requestsProblems } from "../requests-problems.ts";
import { defineRule } from "./rule.ts";

/** What is said of requests must be of requests that the plugin may make, or it would hold nothing. */
export const requestsRule = defineRule({
  needs: ["requests", "permissions"],
  check: ({ requests, permissions }) => (requests ? requestsProblems(requests, permissions) : []),
});

export { runTests, type TestRun } from "./run-tests.ts";

import assert from "node:assert/strict";
import test from "node:test";
import { EnvironmentError, readEnvironment, serviceVariables } from "@plugboard/service-kit/environment";

test("an empty environment gives the defaults", () => {
  const values = readEnvironment({}, serviceVariables);
  assert.equal(values.PORT, 8080);
  assert.equal(values.HOST, "127.0.0.1");
  assert.equal(values.DATABASE_URL, undefined);
  assert.equal(values.LOG_LEVEL, "info");
});

test("an empty variable counts as unset", () => {
  assert.equal(readEnvironment({ PORT: "", DATABASE_URL: "" }, serviceVariables).PORT, 8080);
});

const bad: [variable: string, value: string, expected: RegExp][] = [
  ["PORT", "http", /^PORT must be a port number from 0 to 65535/],
  ["PORT", "65536", /^PORT must be/],
  ["PORT", "-1", /^PORT must be/],
  ["HOST", "a b", /^HOST must be an address/],
  ["DATABASE_URL", "mysql://u:secret@h/db", /^DATABASE_URL must be a URL such as postgres:/],
  ["DATABASE_URL", "nonsense", /^DATABASE_URL must be/],
  ["PLUGBOARD_MASTER_KEY", "c2hvcnQtc2VjcmV0", /^PLUGBOARD_MASTER_KEY must be 32 bytes in base64/],
  ["PLUGBOARD_TRUST_PROXY", "true", /^PLUGBOARD_TRUST_PROXY must be a whole number from 0 to 10/],
  ["LOG_LEVEL", "loud", /^LOG_LEVEL must be one of fatal, error/],
];

for (const [variable, value, expected] of bad) {
  test(`${variable}=${value} is refused in one line that does not repeat the value`, () => {
    assert.throws(
      () => readEnvironment({ [variable]: value }, serviceVariables),
      (error: unknown) =>
        error instanceof EnvironmentError &&
        expected.test(error.message) &&
        !error.message.includes("\n") &&
        !error.message.includes("secret"),
    );
  });
}

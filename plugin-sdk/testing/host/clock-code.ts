import type { Json } from "@plugboard/sandbox";

/** The action by which a test sets the clock that the plugin's code sees; no action of a plugin can have its name. */
export const clockTarget = { kind: "action", name: "(clock)" } as const;

/** What the clock is set to: the time at which it stands, or how far it is ahead of the machine's. */
export type ClockSetting = { at: number } | { ahead: number };

/**
 * Gives a plugin's code a `Date` whose present is the test's. The text in front has no line break, so that places in the
 * code stay where they are.
 */
export function withClock(code: string): string {
  return `${before}${code}\n${after}`;
}

export const clockInput = (setting: ClockSetting): Json => setting;

const before = `(function () { var clock = (function (Real) {
  var setting = { ahead: 0 };
  function now() { return "at" in setting ? setting.at : Real.now() + setting.ahead; }
  function Date() {
    if (!new.target) return new Real(now()).toString();
    return Reflect.construct(Real, arguments.length === 0 ? [now()] : arguments, new.target);
  }
  Date.prototype = Real.prototype;
  Object.defineProperties(Date, {
    now: { value: now }, parse: { value: Real.parse }, UTC: { value: Real.UTC }, length: { value: 7 },
  });
  return { Date: Date, set: function (given) { setting = given; return null; } };
})(Date); (function (Date) {`.replace(/\s*\n\s*/g, " ");

const after = `})(clock.Date);
var plugin = module.exports.default;
var set = { kind: "action", run: function (context) { return clock.set(context.input); } };
module.exports = { default: Object.assign({}, plugin, { actions: Object.assign({}, plugin && plugin.actions, { "${clockTarget.name}": set }) }) };
})();`;

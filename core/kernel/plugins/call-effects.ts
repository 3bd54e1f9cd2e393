import { readingFunctions } from "@plugboard/plugin-sdk/exchange";
import type { Capability } from "@plugboard/sandbox";

/** What a call of plugin code has done besides computing, as far as the host can tell. */
export interface CallEffects {
  /** A capability was used. */
  readonly used: boolean;
  /** Something may have been changed: at a vendor, in storage, in the event log. What is under way may come to it. */
  readonly had: boolean;
  /** A use begins, of what may change something or never does. @returns to be called once, with whether it may have */
  begin(mayChange: boolean): (mayHaveChanged: boolean, isRefused?: boolean) => void;
  /** Of what was to change something the vendor refused some, as no more than its status says. */
  readonly refused: boolean;
  /** Who made the call cannot tell whether it changed something, and so nobody can by a status. */
  doubt(): void;
}

export function createCallEffects(): CallEffects {
  return new CountedEffects();
}

/** A class, because each call has one, and most do nothing with it. */
class CountedEffects implements CallEffects {
  used = false;
  refused = false;
  #had = false;
  #underWay = 0;

  get had(): boolean {
    return this.#had || this.#underWay > 0;
  }

  begin(mayChange: boolean): (mayHaveChanged: boolean, isRefused?: boolean) => void {
    this.used = true;
    if (!mayChange) return () => {};
    this.#underWay += 1;
    return (mayHaveChanged, isRefused = false) => {
      this.#underWay -= 1;
      this.#had ||= mayHaveChanged;
      this.refused ||= isRefused;
    };
  }

  doubt(): void {
    this.#had ||= this.refused;
  }
}

/** The same capability, whose uses are told to `effects`. */
export function telling(name: string, capability: Capability, effects: CallEffects): Capability {
  const mayChange = !readingFunctions.includes(name);
  const told: Capability = async (argument, context) => {
    const end = effects.begin(mayChange);
    try {
      return await capability(argument, context);
    } finally {
      end(true);
    }
  };
  // The sandbox looks whether it is there.
  if (capability.checkSize) told.checkSize = capability.checkSize;
  return told;
}

/** What one tenant's code may leave for another's: marks, state of the realm, polluted prototypes. */
import { channels } from "./payloads/channels.ts";
import { testAttacks } from "./support/attack.ts";

testAttacks("channels", channels);

/** Names that must not be there, and ways around the scope that plugin code is evaluated in. */
import { globals } from "./payloads/globals.ts";
import { testAttacks } from "./support/attack.ts";

testAttacks("globals", globals);

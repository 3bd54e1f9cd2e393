/** Places and objects of the host in errors, and thrown values and answers of every shape. */
import { stacks } from "./payloads/stacks.ts";
import { testAttacks } from "./support/attack.ts";

testAttacks("errors and answers", stacks);

/** Ways from an object, any object, to the constructor that makes functions of text. */
import { constructors } from "./payloads/constructors.ts";
import { testAttacks } from "./support/attack.ts";

testAttacks("constructors", constructors);

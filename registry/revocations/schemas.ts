import { page } from "@plugboard/service-kit/http";
import { RevocationChange } from "../transparency/index.ts";

export const RevocationChanges = page(RevocationChange);

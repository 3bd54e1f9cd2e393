import { Type } from "typebox";

export const SignedCheckpoint = Type.Object({
  checkpoint: Type.String({ description: "Compact JWS of type `plugboard-checkpoint+jws`." }),
});

export {
  openRegistryTrust,
  type RegistryTrust,
  releaseBlocked,
  type TrustSettings,
} from "./registry-trust.ts";

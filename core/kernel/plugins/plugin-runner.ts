import type { Offer, OfferTarget } from "@plugboard/plugin-sdk/manifest";
import type { Json } from "@plugboard/sandbox";
import type { VendorStream } from "../capabilities/index.ts";
import type {
  ActionCall,
  EntityCall,
  HookCall,
  NormalizeCall,
  OfferCall,
  StreamCall,
  TriggerCall,
  VendorCall,
  VendorReply,
} from "./plugin-call.ts";

export interface PluginResult {
  /** It fits the schema of what was called. */
  output: Json;
  callId: string;
}

/**
 * All but `runHook` throw `install-disabled`, `connection-inactive`, `…-not-found`, `…-input-invalid` and
 * `…-output-invalid` (see offer-kinds.ts), `spend-cap-reached`, and what the plugin, the sandbox or the vendor made of the
 * call.
 */
export interface PluginRunner {
  runAction(call: ActionCall): Promise<PluginResult>;
  /** Runs an operation of an entity. What it takes and gives: `entitySchemas` of the SDK's manifest. */
  runEntity(call: EntityCall): Promise<PluginResult>;
  /**
   * Polls a trigger once: `{ items: [{ key, item }], cursor, hasMore }`. Of one on a stream, named `message-posted.open`, it
   * asks where to connect, and of `message-posted.receive` what messages come to (`CarriedOpening`, `CarriedAnswer`).
   */
  runTrigger(call: TriggerCall): Promise<PluginResult>;
  /** Reads a delivery: the events that it is, of types that the tenant agreed to. */
  runNormalize(call: NormalizeCall): Promise<PluginResult>;
  /**
   * Runs a hook of the release that `install` names, and gives what it answered: any JSON. Undefined when the release
   * has no such hook.
   * @throws what the plugin or the sandbox made of the call
   */
  runHook(call: HookCall): Promise<PluginResult | undefined>;
  /**
   * Sends a request that the plugin might send, through the broker. None of its code runs.
   * @throws `install-disabled`, `connection-inactive`, `proxy-refused`, `egress-refused`, and what became of the request
   */
  callVendor(call: VendorCall): Promise<VendorReply>;
  /**
   * Opens a socket that the plugin listens on, through the broker. None of its code runs. `signal` ends the socket too.
   * @throws `install-disabled`, `connection-inactive`, CapabilityError
   */
  openStream(call: StreamCall): Promise<VendorStream>;
  /** The checks of what the version offers that the install runs by now; undefined where it offers no such thing. */
  offers(install: OfferCall["install"]): Promise<(target: OfferTarget) => Offer | undefined>;
  /** Whether a call over the connection would be let in now. @throws `install-disabled`, `connection-inactive` */
  admit(call: Pick<OfferCall, "install" | "connection">): Promise<void>;
}

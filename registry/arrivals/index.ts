export { type ArrivalLimits, admitArrival, defaultArrivalLimits } from "./arrivals.ts";

import type { Answer, Request, Signal, Transport } from "./adapters.js";
import { type Core } from "./core.js";
import { GridwalkError } from "./errors.js";
/**
 * How long to wait before the next attempt: it doubles, a random part keeps a
 * whole county from coming back at the same moment, and it is never shorter than
 * what the server asked for.
 */
export declare function delay(attempt: number, fraction: number, err: unknown): number;
/**
 * Posts one request, and again after a while when the network or the server
 * fails, up to the attempts that the options allow.
 */
export declare function ask<T>(c: Core, path: string, body: unknown, read: (raw: unknown) => T, signal?: Signal): Promise<T>;
/** Posts one JSON body without the headers of a device, and gives the object that is answered. */
export declare function postJSON(transport: Transport, url: string, body: object): Promise<Record<string, unknown>>;
/** Sends a request; whatever goes wrong below is the network. */
export declare function send(transport: Transport, request: Request, signal: Signal | undefined): Promise<Answer>;
/** Turns an answer that is not a success into an error. `raw` is its body. */
export declare function refusal(answer: Answer, raw?: unknown, code?: string): GridwalkError;

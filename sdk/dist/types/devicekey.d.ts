import type { Transport } from "./adapters.js";
/**
 * The key of this phone: ES256, made here and enrolled with the device. In a
 * browser it is a WebCrypto key that cannot be exported.
 */
export interface DeviceKey {
    /** The public half as a JWK, in JSON. */
    readonly publicJwk: string;
    /** Signs by ECDSA with P-256 and SHA-256: r and s, 64 bytes. */
    sign(bytes: Uint8Array): Promise<Uint8Array>;
}
/** base64url without padding. */
export declare function base64url(bytes: Uint8Array): string;
/** A JWS in compact form over a payload of JSON. */
export declare function signJSON(header: object, payload: object, key: DeviceKey): Promise<string>;
/** Gets a new token of the officer for the signature of the phone's key, after however long. */
export declare function renewToken(transport: Transport, url: string, device: string, key: DeviceKey): Promise<string>;

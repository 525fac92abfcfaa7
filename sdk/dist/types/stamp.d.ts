/**
 * The hybrid logical clock stamp of an edit made now: later than `last`, which is
 * the last one given or seen, even when the phone's clock went back. Stamps are
 * ordered as text.
 */
export declare function nextStamp(last: string, nowMs: number, device: string): string;
/** Tells whether a stamp is so far ahead of the server's time that it says nothing. */
export declare function wrong(stamp: string, serverMs: number): boolean;
/** A number in hex digits, with zeros before it. */
export declare function hex(n: number, digits: number): string;

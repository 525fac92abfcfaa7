/** GeoJSON Polygon or MultiPolygon, as `grids.boundary` holds it. */
export interface Boundary {
    type: string;
    coordinates: unknown;
}
export type Verdict = "inside" | "near_edge" | "outside" | "uncertain" | "no_fix" | "qr_confirmed";
/** A place as the phone gave it, already in WGS-84. */
export interface Fix {
    lat?: number | null;
    lng?: number | null;
    /** Radius of the circle of confidence; null when the phone did not say. */
    accuracy?: number | null;
    /** From the fix to the check-in, in seconds. */
    age?: number;
    /** One of check_ins.loc_src. */
    source: string;
    /** The phone says that an app made the place up. */
    mock?: boolean;
}
export interface VerdictSettings {
    /** Metres outside that still count as the edge. */
    buffer: number;
    /** A wider circle says nothing. */
    maxAccuracy: number;
    /** Seconds. */
    maxAge: number;
}
export declare const defaultVerdictSettings: VerdictSettings;
export interface Judgement {
    verdict: Verdict;
    /** To the nearest assigned boundary, negative inside; undefined without a place or a boundary. */
    metres: number | undefined;
    reasons: string[];
}
/** Compares a fix with the boundaries that are assigned to an officer. */
export declare function judge(fix: Fix, assigned: Boundary[], settings?: VerdictSettings): Judgement;
/** From a place to the nearest edge of a boundary in metres, negative inside, 0 on an edge. */
export declare function distance(boundary: Boundary, [lng, lat]: [number, number]): number;
/** A boundary with the time for which it was valid; `until` is undefined while it is. */
export interface BoundaryVersion {
    version: number;
    /** Milliseconds since 1970. */
    from: number;
    until?: number | undefined;
    boundary: Boundary;
}
/** The version of a boundary that judges what happened at a time; undefined where there was none. */
export declare function validAt(versions: BoundaryVersion[], at: number): BoundaryVersion | undefined;
export type Presence = "unknown" | "present" | "absent";
export interface Dwell {
    fixes: number;
    /** Seconds. */
    over: number;
}
/** When somebody entered or left; after so many seconds of silence nobody knows. */
export interface PresenceLimits {
    enter: Dwell;
    leave: Dwell;
    silence: number;
}
/** For an app that has a fix every few seconds. */
export declare const appPresence: PresenceLimits;
/** For check-ins, which are few and each made on purpose. */
export declare const checkInPresence: PresenceLimits;
/** What one fix says, at its own time in seconds. */
export interface Sighting {
    at: number;
    verdict: Verdict;
}
export interface Following {
    /** Beside each sighting, in the light of what came later. */
    each: Presence[];
    now: Presence;
    crossings: {
        at: number;
        to: Presence;
    }[];
}
/** Follows somebody through sightings in any order: one fix outside is not «left». */
export declare function follow(limits: PresenceLimits, seen: Sighting[]): Following;

/** What the server's commands answer, as far as it is read here. */

/** One of `twolane.explain`'s requests. */
export interface Request {
  readonly at: number;
  readonly kind?: string;
  readonly path: string;
  readonly language?: string;
  readonly ms?: number;
  readonly stages?: Readonly<Record<string, number>>;
  readonly lane?: string | null;
  readonly model?: string | null;
  readonly origin?: string;
  readonly prompt_tokens?: number;
  readonly reused_tokens?: number;
  readonly generated_tokens?: number;
  readonly sources?: readonly { path: string; start_line: number; symbol?: string; why?: string }[];
  readonly filters?: readonly string[];
  readonly words?: { readonly filters?: readonly string[]; readonly checks?: readonly string[] };
  readonly line?: number;
  readonly column?: number;
  readonly chars?: number;
  readonly lines?: number;
  readonly shown: boolean;
  readonly reason?: string;
  readonly sent?: readonly { host: string; bytes: number }[];
}

/** `twolane.explain`: the newest last. */
export interface Explained {
  readonly requests?: readonly Request[];
}

/** `twolane.status`. */
export interface Status {
  readonly lane?: string;
  readonly state?: string;
  readonly message?: string;
  readonly enabled?: boolean;
  readonly paused?: boolean;
  readonly disabled_languages?: readonly string[];
  readonly model?: { name?: string; path?: string; host?: string; device?: string } | null;
  readonly spend?: { day_usd?: number; month_usd?: number; held?: string; day_cap_usd?: number };
  readonly problems?: readonly string[];
  readonly review?: {
    on_save?: string;
    findings?: number;
    reviewing?: string;
    incomplete?: readonly { path: string; reason: string }[];
  };
  readonly documents?: readonly { uri: string; language?: string; synced: boolean; bytes: number; off: string }[];
}

/** `twolane.review`. */
export interface Reviewed {
  readonly findings?: readonly object[];
  readonly files?: number;
  readonly cost_usd?: number;
  readonly incomplete?: readonly { path: string; reason: string }[];
  readonly skipped?: Readonly<Record<string, number>>;
}

/** `twolane doctor --json`. */
export interface Doctor {
  readonly ok: boolean;
  readonly checks: readonly { name: string; level: string; detail: string; fix: string }[];
}

// Written by scripts/generate.mjs (npm run generate). Do not edit.

export interface paths {
    "/v1/enrolments": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * EnrolPatients binds keys to the hospital's patient numbers, all or none.
         * @description The document is an EnrolmentStatement. Role: steward of this hospital.
         */
        post: operations["PreferenceService_EnrolPatients"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/preferences": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * SetPreferences records preferences, all or none; each document is a PreferenceStatement signed by the patient it speaks for, or by who holds a mandate of hers.
         * @description Role: who signed them all, or a steward of this hospital who brings documents that others signed.
         */
        post: operations["PreferenceService_SetPreferences"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/recorded-preferences": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * RecordPreferences records what patients without a key told the hospital, all or none; of patients with a key it records withdrawals and denials only.
         * @description The document is a RecordedPreferences statement. Role: steward of this hospital.
         */
        post: operations["PreferenceService_RecordPreferences"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/preference": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * GetPreference returns the caller's own latest preference, her own cap and what she has lost at most.
         * @description Role: an enrolled patient, or who holds a mandate of hers.
         */
        get: operations["PreferenceService_GetPreference"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/consent-proofs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * GetConsentProof returns what the hospital was committed to for a patient when an interval of its log ended, as a proof that anyone can check offline.
         * @description Role: an enrolled patient, of herself; or a steward of this hospital, of any patient number, or of an index that is not there. It is a POST so that patient numbers stand in no path.
         */
        post: operations["PreferenceService_GetConsentProof"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/dataset-policies": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * SetDatasetPolicy records the next revision of the dataset policy.
         * @description Role: steward of this hospital.
         */
        post: operations["PreferenceService_SetDatasetPolicy"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/dataset-profiles": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * SetDatasetProfile records the next revision of what the steward says of the dataset in public, a DatasetProfile: title, contact, default bounds.
         * @description Role: steward of this hospital.
         */
        post: operations["PreferenceService_SetDatasetProfile"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/invitations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * InvitePatients makes a one-time code for each patient of an Invitation, shown once, each in place of an earlier one.
         * @description For a patient with a key it is a recovery, which the Invitation must say. Role: steward of this hospital.
         */
        post: operations["PatientService_InvitePatients"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/redemptions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * RedeemCode binds the caller's key to the patient of a code.
         * @description The key that the patient had, if any, is retired for good; her preference stays in force. Role: any key.
         */
        post: operations["PatientService_RedeemCode"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/key-changes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * ChangeKey has another key take the place of a patient's; both sign the same KeyChange.
         * @description Role: either of the two.
         */
        post: operations["PatientService_ChangeKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/contacts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * SetContacts replaces the hospitals that the patient wants told of a new key: the document is Contacts, each revision above the last.
         * @description Role: an enrolled patient.
         */
        post: operations["PatientService_SetContacts"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/notices": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * ListNotices returns what happened within 30 days to who speaks for the patient.
         * @description Role: her key, or one that it took the place of, which sees what came until then.
         */
        get: operations["PatientService_ListNotices"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/carried-notices": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * CarryNotice hands over a KeyNotice that another hospital signed for this one.
         * @description It is shown to the patient whose key it names and changes nothing else; the answer does not depend on whether there is such a patient. Role: any key.
         */
        post: operations["PatientService_CarryNotice"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/mandates": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * ListMandates returns those that the caller's key holds, and those of its patient.
         * @description Role: any key.
         */
        get: operations["PatientService_ListMandates"];
        put?: never;
        /**
         * DelegateTo has another key speak for a patient until a time: the document is a Delegation, signed by the patient, or, for a guardian of one who cannot sign, by a steward.
         * @description Role: who signed it.
         */
        post: operations["PatientService_DelegateTo"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/revoked-mandates": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * RevokeMandate ends a mandate at once; what was said by it stays in force until it is changed.
         * @description The document is a Revocation, by the patient or a steward. Role: who signed it.
         */
        post: operations["PatientService_RevokeMandate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/preference-history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * ListPreferences returns the caller's documents, the oldest first, 200 at most.
         * @description Role: an enrolled patient.
         */
        get: operations["PatientService_ListPreferences"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/exposures": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * ListExposures returns the charges of the hospital under which the caller could have been counted, the oldest first, 200 at most: the decision permitted her preference, and her own cap was not reached.
         * @description Whether she was in a cohort it does not say. Role: an enrolled patient.
         */
        get: operations["PatientService_ListExposures"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/decisions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * ListDecisions names the questions that were charged within a time, the oldest first, 200 at most.
         * @description Role: steward of this hospital.
         */
        get: operations["DecisionService_ListDecisions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/decisions/{request_id}/replay": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * ReplayDecision makes a decision again from documents, odometers and classes as they were, and compares it with the one that was made, byte for byte.
         * @description Role: steward of this hospital.
         */
        get: operations["DecisionService_ReplayDecision"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/decisions/{request_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * ExplainDecision returns the documents and rules that decided, and what came of each class.
         * @description Role: steward of this hospital.
         */
        get: operations["DecisionService_ExplainDecision"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/nonces": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * CreateNonce returns what the message to sign must hold.
         * @description Anyone may call it.
         */
        post: operations["SessionService_CreateNonce"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * OpenSession takes the message with its signature (personal_sign) by the key that it names.
         * @description Its domain, URI, chain id and nonce must be those of CreateNonce; it must have an expiration time, at most 15 minutes after it was issued, and be issued within five. Anyone may call it.
         */
        post: operations["SessionService_OpenSession"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/closed-sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * CloseSessions ends all sessions of the caller's key.
         * @description Role: any key.
         */
        post: operations["SessionService_CloseSessions"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description The Status type defines a logical error model suitable for different programming environments. */
        "google.rpc.Status": {
            /**
             * Format: int32
             * @description The status code, which should be an enum value of google.rpc.Code.
             */
            code?: number;
            /** @description A list of messages that carry the error details. */
            details?: ({
                "@type"?: string;
            } & {
                [key: string]: unknown;
            })[];
            /** @description A developer-facing error message. */
            message?: string;
        };
        "medmarket.v1.CarryNoticeResponse": Record<string, never>;
        "medmarket.v1.ChangeKeyResponse": Record<string, never>;
        "medmarket.v1.CloseSessionsResponse": Record<string, never>;
        /**
         * @description Cost is privacy loss, or a budget of it. What a dataset of pure accounting counts, and no other, has nano_epsilon; what a question costs
         *     at such a dataset has all it costs in zCDP, too.
         */
        "medmarket.v1.Cost": {
            /**
             * Format: int64
             * @description 2^-63
             */
            delta?: string;
            /**
             * Format: int64
             * @description 1e-9 epsilon of Laplace noise; 0: other noise
             */
            nano_epsilon?: string;
            /**
             * Format: int64
             * @description 1e-9 rho (zCDP)
             */
            nano_rho?: string;
        };
        "medmarket.v1.CreateNonceResponse": {
            /** Format: uint64 */
            chain_id?: string;
            domain?: string;
            /** @description good once, for five minutes */
            nonce?: string;
            uri?: string;
        };
        "medmarket.v1.DecisionClass": {
            /**
             * Format: byte
             * @description hash of the preference that its patients have in common; zeros: those who were never asked; base64
             */
            document?: string;
            /** @description before the charge */
            odometer?: components["schemas"]["medmarket.v1.Cost"];
            /** @description the first rule that left it out, or P_ELIGIBLE */
            reason?: components["schemas"]["medmarket.v1.DecisionReason"];
        };
        "medmarket.v1.DecisionName": {
            /**
             * Format: uint64
             * @description log index of the decision
             */
            as_of?: string;
            /**
             * Format: byte
             * @description base64
             */
            request_id?: string;
            /**
             * Format: int64
             * @description of the decision, Unix seconds
             */
            time?: string;
        };
        "medmarket.v1.DecisionReason": {
            code?: string;
            words?: string;
        };
        "medmarket.v1.DecisionScope": {
            budget?: components["schemas"]["medmarket.v1.Cost"];
            name?: string;
            /** @description after the charge */
            spent?: components["schemas"]["medmarket.v1.Cost"];
        };
        "medmarket.v1.DelegateToResponse": {
            /**
             * Format: byte
             * @description id: the document hash of the delegation; base64
             */
            mandate?: string;
        };
        "medmarket.v1.EnrolPatientsResponse": Record<string, never>;
        "medmarket.v1.ExplainDecisionResponse": {
            /** @description all that there were */
            classes?: components["schemas"]["medmarket.v1.DecisionClass"][];
            decision?: components["schemas"]["medmarket.v1.DecisionName"];
            /**
             * Format: byte
             * @description document hash; base64
             */
            grant?: string;
            /** @description the researcher's, as registered */
            organisation?: string;
            /** @description "allow", "review" or "deny" */
            outcome?: string;
            /** @description dataset policy that was in force */
            policy?: components["schemas"]["medmarket.v1.SignedDocument"];
            /** @description against it, at the level of the query */
            reasons?: components["schemas"]["medmarket.v1.DecisionReason"][];
            /** @description budgets that were charged */
            scopes?: components["schemas"]["medmarket.v1.DecisionScope"][];
            /** @description releases of the vocabularies that it was decided with */
            vocabulary?: string;
        };
        "medmarket.v1.Exposure": {
            /**
             * Format: uint64
             * @description log index of the decision
             */
            as_of?: string;
            /** @description loss charged */
            cost?: components["schemas"]["medmarket.v1.Cost"];
            /**
             * Format: byte
             * @description id of the study's grant; base64
             */
            grant?: string;
            /** @description a bound of all that she had lost after it */
            loss_at_most?: components["schemas"]["medmarket.v1.Cost"];
            /** @description absent: she had set none */
            own_cap?: components["schemas"]["medmarket.v1.Cost"];
            /**
             * Format: byte
             * @description document hash of the dataset policy that was in force; base64
             */
            policy?: string;
            /** @description of the question, in words: those of DUO, and the diseases */
            purpose?: string;
            /** @description in words */
            question?: string;
            /**
             * Format: byte
             * @description of the ask, as in the public register if it was answered; base64
             */
            request_id?: string;
            /**
             * Format: uint64
             * @description of her preference that permitted it; 0: she had said nothing, and the law permitted it
             */
            revision?: string;
            /** @description academic, not_for_profit, commercial or government */
            sponsor?: string;
            /** @description its protocol, as the committee read it */
            study?: string;
            /**
             * Format: int64
             * @description of the decision, Unix seconds
             */
            time?: string;
        };
        "medmarket.v1.GetConsentProofResponse": {
            /** @description false: the root is not final on the chain yet, ask again later */
            anchored?: boolean;
            /**
             * Format: byte
             * @description canonical JSON: consent.Proof of the Go package ledger/consent; base64
             */
            proof?: string;
        };
        "medmarket.v1.GetPreferenceResponse": {
            /**
             * Format: uint64
             * @description log index from which it is in force
             */
            as_of?: string;
            /**
             * @description A bound of what she has lost since ever, whatever she permitted in
             *     between; within her own cap, unless she has set it below what was lost.
             */
            loss_at_most?: components["schemas"]["medmarket.v1.Cost"];
            /** @description absent: she has set none */
            own_cap?: components["schemas"]["medmarket.v1.Cost"];
            preference?: components["schemas"]["medmarket.v1.SignedDocument"];
        };
        "medmarket.v1.InvitePatientsResponse": {
            /** @description in the order of the invitation */
            codes?: components["schemas"]["medmarket.v1.PatientCode"][];
        };
        "medmarket.v1.ListDecisionsResponse": {
            decisions?: components["schemas"]["medmarket.v1.DecisionName"][];
        };
        "medmarket.v1.ListExposuresResponse": {
            exposures?: components["schemas"]["medmarket.v1.Exposure"][];
        };
        "medmarket.v1.ListMandatesResponse": {
            mandates?: components["schemas"]["medmarket.v1.Mandate"][];
        };
        "medmarket.v1.ListNoticesResponse": {
            /**
             * @description Of each change of the key a KeyNotice for each hospital of her contacts, which she
             *     may carry there.
             */
            carry?: components["schemas"]["medmarket.v1.SignedDocument"][];
            /** @description oldest first */
            notices?: components["schemas"]["medmarket.v1.Notice"][];
        };
        "medmarket.v1.ListPreferencesResponse": {
            preferences?: components["schemas"]["medmarket.v1.PastPreference"][];
        };
        "medmarket.v1.Mandate": {
            /**
             * Format: byte
             * @description base64
             */
            id?: string;
            /**
             * Format: byte
             * @description address of who holds it; base64
             */
            key?: string;
            /** @description guardian, who says what she could; or delegate, who narrows or withdraws */
            kind?: string;
            /**
             * Format: int64
             * @description Unix seconds; 0: it was not
             */
            revoked_at?: string;
            /**
             * Format: int64
             * @description Unix seconds
             */
            until?: string;
        };
        "medmarket.v1.Notice": {
            /**
             * Format: int64
             * @description Unix seconds
             */
            at?: string;
            /**
             * Format: byte
             * @description address that key took the place of; empty if none; base64
             */
            former?: string;
            /**
             * Format: byte
             * @description address of the other hospital that says so; empty if none; base64
             */
            from?: string;
            /**
             * Format: byte
             * @description address that it is about; base64
             */
            key?: string;
            kind?: components["schemas"]["medmarket.v1.NoticeKind"];
        };
        /** @enum {string} */
        "medmarket.v1.NoticeKind": "NOTICE_KIND_UNSPECIFIED" | "NOTICE_KIND_ENROLLED" | "NOTICE_KIND_ROTATED" | "NOTICE_KIND_RECOVERED" | "NOTICE_KIND_ELSEWHERE" | "NOTICE_KIND_DELEGATE" | "NOTICE_KIND_REVOKED";
        "medmarket.v1.OpenSessionResponse": {
            /**
             * Format: int64
             * @description Unix seconds
             */
            expires_at?: string;
            /** @description a secret */
            token?: string;
        };
        "medmarket.v1.PastPreference": {
            /**
             * Format: uint64
             * @description log index from which it was in force
             */
            as_of?: string;
            preference?: components["schemas"]["medmarket.v1.SignedDocument"];
            /**
             * Format: int64
             * @description Unix seconds
             */
            recorded_at?: string;
        };
        /** @description PatientCode is to be given to its patient, and kept nowhere. */
        "medmarket.v1.PatientCode": {
            /** @description seven groups of four symbols */
            code?: string;
            /**
             * Format: int64
             * @description the hospital's patient number
             */
            patient?: string;
        };
        "medmarket.v1.RecordPreferencesResponse": {
            /**
             * Format: uint64
             * @description log index from which they are in force
             */
            as_of?: string;
        };
        "medmarket.v1.RedeemCodeResponse": Record<string, never>;
        "medmarket.v1.ReplayDecisionResponse": {
            decision?: components["schemas"]["medmarket.v1.DecisionName"];
            /** @description the first thing that is not as it was; empty if it is the same */
            difference?: string;
            /**
             * Format: byte
             * @description of the decision behind its salt, as it was recorded and stands in the release; base64
             */
            digest?: string;
            /** @description byte for byte */
            same?: boolean;
        };
        "medmarket.v1.RevokeMandateResponse": Record<string, never>;
        "medmarket.v1.SetContactsResponse": Record<string, never>;
        "medmarket.v1.SetDatasetPolicyResponse": Record<string, never>;
        "medmarket.v1.SetDatasetProfileResponse": Record<string, never>;
        "medmarket.v1.SetPreferencesResponse": {
            /**
             * Format: uint64
             * @description log index from which they are in force
             */
            as_of?: string;
        };
        /**
         * @description SignedDocument is a document in its canonical form (RFC 8785 JSON) with the
         *     EIP-712 signature over its SHA-256, revision, expiry and the genesis hash.
         *     The document types are those of the Go packages policy and
         *     marketplace/provider; their canonical bytes are what everyone hashes.
         */
        "medmarket.v1.SignedDocument": {
            /**
             * Format: byte
             * @description base64
             */
            content?: string;
            /**
             * Format: int64
             * @description Unix seconds
             */
            expiry?: string;
            /** Format: uint64 */
            revision?: string;
            /**
             * Format: byte
             * @description r || s || v; base64 of 65 bytes
             */
            signature?: string;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    PreferenceService_EnrolPatients: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    enrolments?: components["schemas"]["medmarket.v1.SignedDocument"];
                };
            };
        };
        responses: {
            /** @description A successful response. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["medmarket.v1.EnrolPatientsResponse"];
                };
            };
            /** @description An unexpected error response. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["google.rpc.Status"];
                };
            };
        };
    };
    PreferenceService_SetPreferences: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    preferences?: components["schemas"]["medmarket.v1.SignedDocument"][];
                };
            };
        };
        responses: {
            /** @description A successful response. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["medmarket.v1.SetPreferencesResponse"];
                };
            };
            /** @description An unexpected error response. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["google.rpc.Status"];
                };
            };
        };
    };
    PreferenceService_RecordPreferences: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    recorded?: components["schemas"]["medmarket.v1.SignedDocument"];
                };
            };
        };
        responses: {
            /** @description A successful response. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["medmarket.v1.RecordPreferencesResponse"];
                };
            };
            /** @description An unexpected error response. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["google.rpc.Status"];
                };
            };
        };
    };
    PreferenceService_GetPreference: {
        parameters: {
            query?: {
                /** @description Of whom: the patient of a mandate that the caller holds; empty: the caller herself. base64 of 32 bytes */
                mandate?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A successful response. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["medmarket.v1.GetPreferenceResponse"];
                };
            };
            /** @description An unexpected error response. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["google.rpc.Status"];
                };
            };
        };
    };
    PreferenceService_GetConsentProof: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /**
                     * Format: uint64
                     * @description Log index, as a receipt or GetPreference states it: a multiple of 64.
                     */
                    as_of?: string;
                    /**
                     * Format: byte
                     * @description in the hospital's consent map; base64 of 32 bytes
                     */
                    index?: string;
                    /**
                     * Format: int64
                     * @description the hospital's patient number
                     */
                    patient?: string;
                };
            };
        };
        responses: {
            /** @description A successful response. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["medmarket.v1.GetConsentProofResponse"];
                };
            };
            /** @description An unexpected error response. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["google.rpc.Status"];
                };
            };
        };
    };
    PreferenceService_SetDatasetPolicy: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    policy?: components["schemas"]["medmarket.v1.SignedDocument"];
                };
            };
        };
        responses: {
            /** @description A successful response. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["medmarket.v1.SetDatasetPolicyResponse"];
                };
            };
            /** @description An unexpected error response. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["google.rpc.Status"];
                };
            };
        };
    };
    PreferenceService_SetDatasetProfile: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    profile?: components["schemas"]["medmarket.v1.SignedDocument"];
                };
            };
        };
        responses: {
            /** @description A successful response. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["medmarket.v1.SetDatasetProfileResponse"];
                };
            };
            /** @description An unexpected error response. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["google.rpc.Status"];
                };
            };
        };
    };
    PatientService_InvitePatients: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    invitation?: components["schemas"]["medmarket.v1.SignedDocument"];
                };
            };
        };
        responses: {
            /** @description A successful response. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["medmarket.v1.InvitePatientsResponse"];
                };
            };
            /** @description An unexpected error response. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["google.rpc.Status"];
                };
            };
        };
    };
    PatientService_RedeemCode: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    code?: string;
                };
            };
        };
        responses: {
            /** @description A successful response. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["medmarket.v1.RedeemCodeResponse"];
                };
            };
            /** @description An unexpected error response. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["google.rpc.Status"];
                };
            };
        };
    };
    PatientService_ChangeKey: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description by the key that there is */
                    change?: components["schemas"]["medmarket.v1.SignedDocument"];
                    /**
                     * Format: byte
                     * @description r || s || v, by the next one over the same; base64 of 65 bytes
                     */
                    next_signature?: string;
                };
            };
        };
        responses: {
            /** @description A successful response. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["medmarket.v1.ChangeKeyResponse"];
                };
            };
            /** @description An unexpected error response. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["google.rpc.Status"];
                };
            };
        };
    };
    PatientService_SetContacts: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    contacts?: components["schemas"]["medmarket.v1.SignedDocument"];
                };
            };
        };
        responses: {
            /** @description A successful response. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["medmarket.v1.SetContactsResponse"];
                };
            };
            /** @description An unexpected error response. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["google.rpc.Status"];
                };
            };
        };
    };
    PatientService_ListNotices: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A successful response. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["medmarket.v1.ListNoticesResponse"];
                };
            };
            /** @description An unexpected error response. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["google.rpc.Status"];
                };
            };
        };
    };
    PatientService_CarryNotice: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    notice?: components["schemas"]["medmarket.v1.SignedDocument"];
                };
            };
        };
        responses: {
            /** @description A successful response. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["medmarket.v1.CarryNoticeResponse"];
                };
            };
            /** @description An unexpected error response. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["google.rpc.Status"];
                };
            };
        };
    };
    PatientService_ListMandates: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A successful response. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["medmarket.v1.ListMandatesResponse"];
                };
            };
            /** @description An unexpected error response. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["google.rpc.Status"];
                };
            };
        };
    };
    PatientService_DelegateTo: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    delegation?: components["schemas"]["medmarket.v1.SignedDocument"];
                };
            };
        };
        responses: {
            /** @description A successful response. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["medmarket.v1.DelegateToResponse"];
                };
            };
            /** @description An unexpected error response. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["google.rpc.Status"];
                };
            };
        };
    };
    PatientService_RevokeMandate: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    revocation?: components["schemas"]["medmarket.v1.SignedDocument"];
                };
            };
        };
        responses: {
            /** @description A successful response. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["medmarket.v1.RevokeMandateResponse"];
                };
            };
            /** @description An unexpected error response. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["google.rpc.Status"];
                };
            };
        };
    };
    PatientService_ListPreferences: {
        parameters: {
            query?: {
                /** @description 0: from the first */
                after_revision?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A successful response. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["medmarket.v1.ListPreferencesResponse"];
                };
            };
            /** @description An unexpected error response. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["google.rpc.Status"];
                };
            };
        };
    };
    PatientService_ListExposures: {
        parameters: {
            query?: {
                /** @description log index; 0: from the first */
                after?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A successful response. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["medmarket.v1.ListExposuresResponse"];
                };
            };
            /** @description An unexpected error response. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["google.rpc.Status"];
                };
            };
        };
    };
    DecisionService_ListDecisions: {
        parameters: {
            query?: {
                /** @description log index; 0: from the first */
                after?: string;
                /** @description Unix seconds */
                from?: string;
                /** @description Unix seconds, not included; 0: no end */
                until?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A successful response. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["medmarket.v1.ListDecisionsResponse"];
                };
            };
            /** @description An unexpected error response. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["google.rpc.Status"];
                };
            };
        };
    };
    DecisionService_ReplayDecision: {
        parameters: {
            query?: {
                /** @description Also make the root of the consent map again from every patient's preference: seconds for 100,000 patients. */
                active_set?: boolean;
            };
            header?: never;
            path: {
                /** @description base64 of 32 bytes */
                request_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A successful response. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["medmarket.v1.ReplayDecisionResponse"];
                };
            };
            /** @description An unexpected error response. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["google.rpc.Status"];
                };
            };
        };
    };
    DecisionService_ExplainDecision: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description base64 of 32 bytes */
                request_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A successful response. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["medmarket.v1.ExplainDecisionResponse"];
                };
            };
            /** @description An unexpected error response. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["google.rpc.Status"];
                };
            };
        };
    };
    SessionService_CreateNonce: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": Record<string, never>;
            };
        };
        responses: {
            /** @description A successful response. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["medmarket.v1.CreateNonceResponse"];
                };
            };
            /** @description An unexpected error response. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["google.rpc.Status"];
                };
            };
        };
    };
    SessionService_OpenSession: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description EIP-4361 */
                    message?: string;
                    /**
                     * Format: byte
                     * @description r || s || v; base64 of 65 bytes
                     */
                    signature?: string;
                };
            };
        };
        responses: {
            /** @description A successful response. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["medmarket.v1.OpenSessionResponse"];
                };
            };
            /** @description An unexpected error response. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["google.rpc.Status"];
                };
            };
        };
    };
    SessionService_CloseSessions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": Record<string, never>;
            };
        };
        responses: {
            /** @description A successful response. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["medmarket.v1.CloseSessionsResponse"];
                };
            };
            /** @description An unexpected error response. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["google.rpc.Status"];
                };
            };
        };
    };
}

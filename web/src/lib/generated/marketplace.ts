// Written by scripts/generate.mjs (npm run generate). Do not edit.

export interface paths {
    "/v1/participants": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * RegisterParticipant records a participant on the chain; it answers once the record is in a block.
         * @description Role: operator.
         */
        post: operations["ParticipantService_RegisterParticipant"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/participants/{address}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * GetParticipant returns what is registered and final for an address.
         * @description Role: any registered participant.
         */
        get: operations["ParticipantService_GetParticipant"];
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
    "/v1/concepts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * SearchConcepts finds concepts by the beginnings of words of their names, or by code.
         * @description Those with that code come first, then the nearest names. Role: any registered participant.
         */
        get: operations["ConceptService_SearchConcepts"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/concepts/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * GetConcept returns a concept with what lies above and below it.
         * @description Role: any registered participant.
         */
        get: operations["ConceptService_GetConcept"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/concept-names": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * NameConcepts returns those of the concepts that the vocabulary has, such as the keys of an answer.
         * @description Role: any registered participant.
         */
        post: operations["ConceptService_NameConcepts"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/datasets": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * ListDatasets lists all datasets that have a policy.
         * @description Role: any registered participant.
         */
        get: operations["DatasetService_ListDatasets"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/datasets/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * GetDataset returns one of them.
         * @description Role: any registered participant.
         */
        get: operations["DatasetService_GetDataset"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/terms-acceptances": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * AcceptTerms keeps a researcher's acceptance of a dataset's present terms (in its policy), a TermsAcceptance that she signed.
         * @description It goes to the hospital with each of her asks; other terms want another. Role: researcher.
         */
        post: operations["DatasetService_AcceptTerms"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/grants": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * ListGrants lists the studies that the caller has to do with, oldest first, by pages.
         * @description Role: any registered participant.
         */
        get: operations["GrantService_ListGrants"];
        put?: never;
        /**
         * RequestGrant files a grant document, or an amendment of an approved one.
         * @description Asking again with the same document changes nothing. Role: a researcher the document names.
         */
        post: operations["GrantService_RequestGrant"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/grants/{id}/approval": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * ApproveGrant records the approval on the chain; it answers once that is in a block, and the grant is in force once that block is final.
         * @description Role: the committee the document names.
         */
        post: operations["GrantService_ApproveGrant"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/grants/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * GetGrant returns one study.
         * @description Role: who has to do with it.
         */
        get: operations["GrantService_GetGrant"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/grants/{id}/steps": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * ListSteps lists all steps of a study in their order.
         * @description Role: who has to do with it.
         */
        get: operations["GrantService_ListSteps"];
        put?: never;
        /**
         * CreateStep records what somebody does in the review of a study: the step is a document of the Go package marketplace/review, signed by who takes it.
         * @description Actions, by researchers: attach, reply, resubmit, withdraw, report; by the committee: attach, inquire, return, condition, waive, reject, suspend, resume, renew, revoke, close. What a step says of the chain (suspend and after) is the member's word; the status of the grant is the chain's. Role: who has to do with the study, by the step's action.
         */
        post: operations["GrantService_CreateStep"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/grants/{id}/files": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * CreateFile keeps a file of a study, such as its protocol, until a step names it: 1 MiB each, 32 of a study by each side.
         * @description Role: who has to do with it.
         */
        post: operations["GrantService_CreateFile"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/grants/{id}/files/{hash}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * GetFile returns a file of a study.
         * @description Role: who has to do with it.
         */
        get: operations["GrantService_GetFile"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/quotes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Quote plans and prices a query; it is free.
         * @description Role: researcher.
         */
        post: operations["QueryService_Quote"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/asks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Ask answers a signed ask.
         * @description It is idempotent by the ask's request id. A question that was answered under the same grant, for the same purpose, is shown again, free. Role: the researcher who signed the ask.
         */
        post: operations["QueryService_Ask"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/account": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * GetAccount returns the caller's standing in expected hashes.
         * @description Role: researcher.
         */
        get: operations["QueryService_GetAccount"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/receipts/{request_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * GetReceipt returns the receipt of an ask, with the proof of its anchor once the anchor is final.
         * @description Role: a researcher named on the grant it was asked under, or a committee.
         */
        get: operations["ReceiptService_GetReceipt"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/register/anchor": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * GetAnchor returns the newest root of the receipts log that is final on the chain.
         * @description Role: anyone.
         */
        get: operations["RegisterService_GetAnchor"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/register/studies": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * ListStudies lists studies that a committee approved, newest first.
         * @description Role: anyone.
         */
        get: operations["RegisterService_ListStudies"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/register/studies/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * GetStudy returns one study that a committee approved.
         * @description Role: anyone.
         */
        get: operations["RegisterService_GetStudy"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/register/queries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * ListQueries lists answered queries, newest first.
         * @description Role: anyone.
         */
        get: operations["RegisterService_ListQueries"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/register/queries/{request_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * GetQuery returns one answered query.
         * @description Role: anyone.
         */
        get: operations["RegisterService_GetQuery"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/visas": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * CreateVisa returns a ControlledAccessGrants visa for a dataset of a grant in force.
         * @description It ends within the hour, with the grant, or when its review is due, whichever comes first. Role: a researcher whom the grant names.
         */
        post: operations["VisaService_CreateVisa"];
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
        "medmarket.v1.AcceptTermsResponse": Record<string, never>;
        /** @description Answer is what a release says: noised numbers with their intervals. */
        "medmarket.v1.Answer": {
            /**
             * Format: uint64
             * @description the hospital's log index of the decision; the least, if there are several
             */
            as_of?: string;
            cost?: components["schemas"]["medmarket.v1.Cost"];
            /** @description several answered: a patient known to several of them counts once at each */
            counted_at_each?: boolean;
            groups?: components["schemas"]["medmarket.v1.Group"][];
            /** @description of each that was asked, in the order of the ask */
            hospitals?: components["schemas"]["medmarket.v1.HospitalAnswer"][];
            /** @description some hospital is missing: the numbers are of the others' patients */
            partial?: boolean;
            /**
             * Format: int64
             * @description Unix seconds of the decision; of the latest, if there are several
             */
            time?: string;
            /**
             * Format: int64
             * @description price paid, expected hashes
             */
            work?: string;
        };
        "medmarket.v1.ApproveGrantResponse": Record<string, never>;
        "medmarket.v1.AskResponse": {
            answer?: components["schemas"]["medmarket.v1.Answer"];
            /**
             * Format: byte
             * @description canonical JSON; its anchor is missing while pending; base64
             */
            receipt?: string;
            /**
             * @description The study had asked this before: this is that answer, of that time and
             *     as_of, with the receipt of the ask that it answered. Nothing was charged.
             */
            repeated?: boolean;
        };
        /**
         * @description CalendarUnit is that of a calendar.
         * @enum {string}
         */
        "medmarket.v1.CalendarUnit": "CALENDAR_UNIT_UNSPECIFIED" | "CALENDAR_UNIT_YEAR" | "CALENDAR_UNIT_MONTH";
        /** @description Ceiling is the most privacy loss that a study may cause at a dataset. */
        "medmarket.v1.Ceiling": {
            dataset?: string;
            /**
             * Format: int64
             * @description 1e-9 rho
             */
            nano_rho?: string;
        };
        "medmarket.v1.CloseSessionsResponse": Record<string, never>;
        /** @description Concept is an item of a set: it includes an OMOP standard concept, or takes it out. */
        "medmarket.v1.Concept": {
            exclude?: boolean;
            /** Format: int64 */
            id?: string;
            /** @description through concept_ancestor */
            include_descendants?: boolean;
        };
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
        "medmarket.v1.CreateFileResponse": {
            /**
             * Format: byte
             * @description SHA-256; base64
             */
            hash?: string;
        };
        "medmarket.v1.CreateNonceResponse": {
            /** Format: uint64 */
            chain_id?: string;
            domain?: string;
            /** @description good once, for five minutes */
            nonce?: string;
            uri?: string;
        };
        "medmarket.v1.CreateStepResponse": {
            step?: components["schemas"]["medmarket.v1.Step"];
        };
        "medmarket.v1.CreateVisaResponse": {
            /**
             * Format: int64
             * @description Unix seconds
             */
            expires_at?: string;
            /** @description JWS in compact form; its subject is the caller's address */
            visa?: string;
        };
        /**
         * @description Criterion is a condition on a patient or, inside the where of a set of events,
         *     on one of its events, the index. In all: at most 32 deep, 2,000 criteria and
         *     sets of events, 10,000 concepts. Go package dp/cohort says what each means.
         */
        "medmarket.v1.Criterion": {
            /** @description each of them holds */
            all?: components["schemas"]["medmarket.v1.Criterion.Criteria"];
            /** @description at least one holds */
            any?: components["schemas"]["medmarket.v1.Criterion.Criteria"];
            at_least?: components["schemas"]["medmarket.v1.Criterion.AtLeast"];
            has?: components["schemas"]["medmarket.v1.Criterion.Has"];
            not?: components["schemas"]["medmarket.v1.Criterion"];
            person?: components["schemas"]["medmarket.v1.Criterion.Person"];
        } & (Record<string, never> | {
            all: components["schemas"]["medmarket.v1.Criterion.Criteria"];
        } | {
            any: components["schemas"]["medmarket.v1.Criterion.Criteria"];
        } | {
            not: components["schemas"]["medmarket.v1.Criterion"];
        } | {
            at_least: components["schemas"]["medmarket.v1.Criterion.AtLeast"];
        } | {
            person: components["schemas"]["medmarket.v1.Criterion.Person"];
        } | {
            has: components["schemas"]["medmarket.v1.Criterion.Has"];
        });
        /** @description AtLeast holds if k or more of the conditions do. */
        "medmarket.v1.Criterion.AtLeast": {
            /** Format: int32 */
            k?: number;
            of?: components["schemas"]["medmarket.v1.Criterion"][];
        };
        "medmarket.v1.Criterion.Criteria": {
            of?: components["schemas"]["medmarket.v1.Criterion"][];
        };
        /**
         * @description Distinct is what a Has counts.
         * @enum {string}
         */
        "medmarket.v1.Criterion.Distinct": "DISTINCT_UNSPECIFIED" | "DISTINCT_DAY" | "DISTINCT_CONCEPT" | "DISTINCT_VISIT";
        /** @description Has holds if the number of the patient's events in the window is min to max. */
        "medmarket.v1.Criterion.Has": {
            distinct?: components["schemas"]["medmarket.v1.Criterion.Distinct"];
            events?: components["schemas"]["medmarket.v1.Events"];
            /** Format: int32 */
            max?: number;
            /**
             * Format: int32
             * @description without a max, 0 means 1
             */
            min?: number;
            /** @description inside where, and only there */
            window?: components["schemas"]["medmarket.v1.Criterion.Window"];
        };
        /**
         * @description Person is about the patient herself. Every field that is set must hold; what
         *     is unknown of her does not. Ids are OMOP standard concepts.
         */
        "medmarket.v1.Criterion.Person": {
            /** @description in the year of the index's start; only inside where */
            age?: components["schemas"]["medmarket.v1.IntRange"];
            /** @description of the index; only inside where */
            end?: components["schemas"]["medmarket.v1.DateRange"];
            ethnicity_ids?: string[];
            race_ids?: string[];
            sex_ids?: string[];
            /** @description of the index; only inside where */
            start?: components["schemas"]["medmarket.v1.DateRange"];
            year_of_birth?: components["schemas"]["medmarket.v1.IntRange"];
        };
        /**
         * @description Span says that a day of the event lies from to to days after a day of the
         *     index; negative is before. Without a from or to it is open with any_time, and
         *     the end of the index's observation period otherwise.
         */
        "medmarket.v1.Criterion.Span": {
            /** @description the event's end instead of its start */
            event_end?: boolean;
            /** Format: int32 */
            from?: number;
            /** @description the index's end instead of its start */
            index_end?: boolean;
            /** Format: int32 */
            to?: number;
        };
        /** @description Window relates an event to the index. Without a span every day matches. */
        "medmarket.v1.Criterion.Window": {
            /** @description not only in the observation period in which the index starts */
            any_time?: boolean;
            same_visit?: boolean;
            /** @description each of them holds */
            spans?: components["schemas"]["medmarket.v1.Criterion.Span"][];
        };
        "medmarket.v1.Dataset": {
            /** @description for ever */
            budget?: components["schemas"]["medmarket.v1.Cost"];
            id?: string;
            /** @description the dataset policy in force */
            policy?: components["schemas"]["medmarket.v1.SignedDocument"];
            /** @description what the steward says of it, a DatasetProfile; absent: nothing yet */
            profile?: components["schemas"]["medmarket.v1.SignedDocument"];
            /**
             * Format: byte
             * @description address of the hospital; base64
             */
            provider?: string;
            /**
             * Format: int32
             * @description the year in which ages are taken
             */
            reference_year?: number;
            /**
             * Format: int64
             * @description about how many there are; 0: not known
             */
            rounded_patients?: string;
            /** @description of budget */
            spent?: components["schemas"]["medmarket.v1.Cost"];
            /** @description changes whenever the records do */
            version?: string;
            /**
             * Format: int64
             * @description price: expected hashes for one nano-rho; 2^20 make a credit
             */
            work_per_nano_rho?: string;
        };
        /** @description DateRange is from to to, RFC 3339 full-dates, both included; one is set. */
        "medmarket.v1.DateRange": {
            from?: string;
            to?: string;
        };
        /**
         * @description Domain is an OMOP domain, one table each.
         * @enum {string}
         */
        "medmarket.v1.Domain": "DOMAIN_UNSPECIFIED" | "DOMAIN_CONDITION" | "DOMAIN_DRUG" | "DOMAIN_MEASUREMENT" | "DOMAIN_CONDITION_ERA" | "DOMAIN_DRUG_ERA" | "DOMAIN_PROCEDURE" | "DOMAIN_OBSERVATION" | "DOMAIN_VISIT" | "DOMAIN_DEATH" | "DOMAIN_DEVICE" | "DOMAIN_SPECIMEN" | "DOMAIN_OBSERVATION_PERIOD";
        /** @description Estimate is one number of an answer, with noise: a count may be negative. */
        "medmarket.v1.Estimate": {
            /** Format: double */
            high?: number;
            /** @description of several numbers of one measure: "p50", "[0,10)" */
            label?: string;
            /**
             * Format: double
             * @description 95 % interval; of counts rounded outward
             */
            low?: number;
            /**
             * Format: int32
             * @description index into the plan's measures
             */
            measure?: number;
            /** @description The dataset's disclosure rule keeps the number back, since it counts too few: value, low and high say nothing. */
            suppressed?: boolean;
            /** Format: double */
            value?: number;
        };
        /**
         * @description Events is a set of a patient's events, narrowed in this order by observed,
         *     where and keep.
         */
        "medmarket.v1.Events": {
            keep?: components["schemas"]["medmarket.v1.Events.Keep"];
            observed?: components["schemas"]["medmarket.v1.Events.Observed"];
            records?: components["schemas"]["medmarket.v1.Records"];
            union?: components["schemas"]["medmarket.v1.Events.Union"];
            /** @description holds with the event as its index */
            where?: components["schemas"]["medmarket.v1.Criterion"];
        } & (Record<string, never> | {
            records: components["schemas"]["medmarket.v1.Records"];
        } | {
            union: components["schemas"]["medmarket.v1.Events.Union"];
        });
        /**
         * @description Keep is which of a patient's events remain.
         * @enum {string}
         */
        "medmarket.v1.Events.Keep": "KEEP_UNSPECIFIED" | "KEEP_FIRST" | "KEEP_LAST";
        /**
         * @description Observed says that the event starts in an observation period of the patient,
         *     at least so many days after its beginning and before its end.
         */
        "medmarket.v1.Events.Observed": {
            /** Format: int32 */
            after?: number;
            /** Format: int32 */
            before?: number;
        };
        "medmarket.v1.Events.Union": {
            of?: components["schemas"]["medmarket.v1.Events"][];
        };
        /**
         * @description Field is what is taken of an event.
         * @enum {string}
         */
        "medmarket.v1.Field": "FIELD_UNSPECIFIED" | "FIELD_VALUE" | "FIELD_QUANTITY" | "FIELD_DAYS_SUPPLY" | "FIELD_LENGTH" | "FIELD_AGE" | "FIELD_COUNT";
        "medmarket.v1.GetAccountResponse": {
            /**
             * Format: int64
             * @description by asks, expected hashes
             */
            drawn?: string;
            /**
             * Format: int64
             * @description ever escrowed here, final on the chain
             */
            escrow?: string;
            /**
             * Format: int64
             * @description burnt on the chain
             */
            settled?: string;
        };
        "medmarket.v1.GetAnchorResponse": {
            /**
             * Format: uint64
             * @description of the chain, in which it is
             */
            block?: string;
            /**
             * Format: byte
             * @description id of the receipts log; base64
             */
            log?: string;
            /**
             * Format: byte
             * @description RFC 6962; base64
             */
            root?: string;
            /**
             * Format: uint64
             * @description receipts under the root; 0 while nothing is anchored
             */
            size?: string;
        };
        "medmarket.v1.GetConceptResponse": {
            /** @description nearest first */
            ancestors?: components["schemas"]["medmarket.v1.Relative"][];
            concept?: components["schemas"]["medmarket.v1.VocabularyConcept"];
            /** @description nearest first */
            descendants?: components["schemas"]["medmarket.v1.Relative"][];
            /** @description there are, of either, from offset + limit on */
            more?: boolean;
        };
        "medmarket.v1.GetDatasetResponse": {
            dataset?: components["schemas"]["medmarket.v1.Dataset"];
        };
        "medmarket.v1.GetFileResponse": {
            /**
             * Format: byte
             * @description base64
             */
            content?: string;
            name?: string;
        };
        "medmarket.v1.GetGrantResponse": {
            /** @description in force: the approval is final on the chain, and the grant active */
            final?: boolean;
            grant?: components["schemas"]["medmarket.v1.Grant"];
            /** @description in the last final block */
            status?: components["schemas"]["medmarket.v1.GrantStatus"];
        };
        "medmarket.v1.GetParticipantResponse": {
            /** @description without roles if nobody is registered there */
            participant?: components["schemas"]["medmarket.v1.Participant"];
        };
        "medmarket.v1.GetQueryResponse": {
            query?: components["schemas"]["medmarket.v1.RegisteredQuery"];
        };
        "medmarket.v1.GetReceiptResponse": {
            anchored?: boolean;
            /**
             * Format: byte
             * @description canonical JSON; base64
             */
            receipt?: string;
        };
        "medmarket.v1.GetStudyResponse": {
            /** @description the approval is final on the chain and not revoked */
            final?: boolean;
            study?: components["schemas"]["medmarket.v1.RegisteredStudy"];
        };
        "medmarket.v1.Grant": {
            /** @description by the member whom it names */
            approved?: boolean;
            /**
             * Format: int64
             * @description Unix seconds
             */
            created_at?: string;
            document?: components["schemas"]["medmarket.v1.SignedDocument"];
            /**
             * Format: byte
             * @description SHA-256 of the document; base64
             */
            id?: string;
            /**
             * Format: int64
             * @description the continuing review as it stands on the chain, Unix seconds; 0: none
             */
            review_by?: string;
            /** @description of the caller */
            role?: components["schemas"]["medmarket.v1.ReviewRole"];
            /** @description where it stands with the committee */
            state?: components["schemas"]["medmarket.v1.ReviewState"];
            /** @description in the last final block */
            status?: components["schemas"]["medmarket.v1.GrantStatus"];
            /**
             * Format: uint64
             * @description taken so far; the next has one more
             */
            steps?: string;
            /**
             * Format: byte
             * @description id of the study: of its first document; base64
             */
            study?: string;
            /** @description something is for the caller to do */
            waiting?: boolean;
        };
        /**
         * @description What a committee has made of a grant that it approved.
         * @enum {string}
         */
        "medmarket.v1.GrantStatus": "GRANT_STATUS_UNSPECIFIED" | "GRANT_STATUS_ACTIVE" | "GRANT_STATUS_SUSPENDED" | "GRANT_STATUS_REVOKED" | "GRANT_STATUS_SUPERSEDED" | "GRANT_STATUS_CLOSED";
        "medmarket.v1.Group": {
            /** @description at least one for each measure, in their order */
            estimates?: components["schemas"]["medmarket.v1.Estimate"][];
            key?: string[];
        };
        /**
         * @description GroupBy divides patients, or the events of each patient, into classes. Who has no label in
         *     it is in no group of the answer.
         */
        "medmarket.v1.GroupBy": {
            age_band?: components["schemas"]["medmarket.v1.GroupBy.AgeBand"];
            birth_year?: components["schemas"]["medmarket.v1.GroupBy.BirthYear"];
            /** @description of events */
            calendar?: components["schemas"]["medmarket.v1.GroupBy.Calendar"];
            /** @description of events: a patient may be in several */
            concept?: components["schemas"]["medmarket.v1.GroupBy.ByConcept"];
            ethnicity?: components["schemas"]["medmarket.v1.GroupBy.PersonConcept"];
            event_count?: components["schemas"]["medmarket.v1.GroupBy.EventCount"];
            has_event?: components["schemas"]["medmarket.v1.GroupBy.HasEvent"];
            /** @description gives "yes" and "no" */
            matches?: components["schemas"]["medmarket.v1.Criterion"];
            race?: components["schemas"]["medmarket.v1.GroupBy.PersonConcept"];
            sex?: components["schemas"]["medmarket.v1.GroupBy.Sex"];
            /** @description of events */
            value_band?: components["schemas"]["medmarket.v1.GroupBy.ValueBand"];
        } & (Record<string, never> | {
            sex: components["schemas"]["medmarket.v1.GroupBy.Sex"];
        } | {
            age_band: components["schemas"]["medmarket.v1.GroupBy.AgeBand"];
        } | {
            has_event: components["schemas"]["medmarket.v1.GroupBy.HasEvent"];
        } | {
            race: components["schemas"]["medmarket.v1.GroupBy.PersonConcept"];
        } | {
            ethnicity: components["schemas"]["medmarket.v1.GroupBy.PersonConcept"];
        } | {
            birth_year: components["schemas"]["medmarket.v1.GroupBy.BirthYear"];
        } | {
            matches: components["schemas"]["medmarket.v1.Criterion"];
        } | {
            event_count: components["schemas"]["medmarket.v1.GroupBy.EventCount"];
        } | {
            concept: components["schemas"]["medmarket.v1.GroupBy.ByConcept"];
        } | {
            calendar: components["schemas"]["medmarket.v1.GroupBy.Calendar"];
        } | {
            value_band: components["schemas"]["medmarket.v1.GroupBy.ValueBand"];
        });
        /** @description AgeBand gives the bands [e0,e1), [e1,e2), ..., [en,+inf) in years. */
        "medmarket.v1.GroupBy.AgeBand": {
            edges?: number[];
        };
        /** @description BirthYear gives the bands [e0,e1), [e1,e2), ..., [en,+inf) of years of birth. */
        "medmarket.v1.GroupBy.BirthYear": {
            edges?: number[];
        };
        /**
         * @description ByConcept gives the concepts named, by the event's own concept or one above it. If none is named
         *     it gives those of the events' own that enough patients have; in the answer only.
         */
        "medmarket.v1.GroupBy.ByConcept": {
            /** @description OMOP */
            concept_ids?: string[];
            events?: components["schemas"]["medmarket.v1.Events"];
            /** @description through concept_ancestor */
            include_descendants?: boolean;
        };
        /** @description Calendar gives every year or month from one to another, by the event's start. */
        "medmarket.v1.GroupBy.Calendar": {
            events?: components["schemas"]["medmarket.v1.Events"];
            /** @description "2010", or "2010-07" */
            from?: string;
            /** @description included */
            to?: string;
            unit?: components["schemas"]["medmarket.v1.CalendarUnit"];
        };
        /** @description EventCount gives "0", "1", ..., and the cap with a plus. */
        "medmarket.v1.GroupBy.EventCount": {
            /** Format: int32 */
            cap?: number;
            events?: components["schemas"]["medmarket.v1.Events"];
        };
        /** @description HasEvent gives "yes" and "no": a record, at any time, of any of the concepts. */
        "medmarket.v1.GroupBy.HasEvent": {
            /** @description OMOP */
            concept_ids?: string[];
            domain?: components["schemas"]["medmarket.v1.Domain"];
            /** @description through concept_ancestor */
            include_descendants?: boolean;
        };
        /** @description PersonConcept gives the concepts named. */
        "medmarket.v1.GroupBy.PersonConcept": {
            /** @description OMOP */
            concept_ids?: string[];
        };
        /** @description Sex gives "female" and "male". */
        "medmarket.v1.GroupBy.Sex": Record<string, never>;
        /** @description ValueBand gives the bands [e0,e1), [e1,e2), ..., [en,+inf) of the event's value. */
        "medmarket.v1.GroupBy.ValueBand": {
            edges?: number[];
            events?: components["schemas"]["medmarket.v1.Events"];
        };
        /** @description GroupSize is a number of patients that a group is taken to have, without looking at any record. */
        "medmarket.v1.GroupSize": {
            basis?: components["schemas"]["medmarket.v1.SizeBasis"];
            /** Format: double */
            patients?: number;
            /**
             * Format: byte
             * @description of the answer, if released; base64
             */
            request_id?: string;
        };
        /** @description HospitalAnswer is what became of an ask at one hospital. */
        "medmarket.v1.HospitalAnswer": {
            dataset?: string;
            /**
             * Format: byte
             * @description address of the hospital; base64
             */
            provider?: string;
            /** @description policy codes, if it refused */
            reasons?: string[];
            state?: components["schemas"]["medmarket.v1.HospitalState"];
        };
        /** @description HospitalQuote is what a question is at one hospital. */
        "medmarket.v1.HospitalQuote": {
            cost?: components["schemas"]["medmarket.v1.Cost"];
            dataset?: string;
            /**
             * Format: byte
             * @description canonical; base64
             */
            plan?: string;
            /**
             * Format: byte
             * @description address of the hospital; base64
             */
            provider?: string;
            /**
             * Format: int64
             * @description price, expected hashes
             */
            work?: string;
        };
        /**
         * @description HospitalState is what became of an ask at a hospital.
         * @enum {string}
         */
        "medmarket.v1.HospitalState": "HOSPITAL_STATE_UNSPECIFIED" | "HOSPITAL_STATE_ANSWERED" | "HOSPITAL_STATE_REFUSED" | "HOSPITAL_STATE_DOWN" | "HOSPITAL_STATE_SLOW" | "HOSPITAL_STATE_FAILED" | "HOSPITAL_STATE_INVALID";
        /** @description IntRange is min to max, both included; one is set. */
        "medmarket.v1.IntRange": {
            /** Format: int64 */
            max?: string;
            /** Format: int64 */
            min?: string;
        };
        /** @description Key has one label for each GroupBy. */
        "medmarket.v1.Key": {
            labels?: string[];
        };
        "medmarket.v1.ListDatasetsResponse": {
            datasets?: components["schemas"]["medmarket.v1.Dataset"][];
        };
        "medmarket.v1.ListGrantsResponse": {
            grants?: components["schemas"]["medmarket.v1.Grant"][];
            /**
             * Format: uint64
             * @description 0: there are no more
             */
            next?: string;
        };
        "medmarket.v1.ListQueriesResponse": {
            /**
             * Format: uint64
             * @description before of the next page; 0 on the last one
             */
            next?: string;
            queries?: components["schemas"]["medmarket.v1.RegisteredQuery"][];
        };
        "medmarket.v1.ListStepsResponse": {
            steps?: components["schemas"]["medmarket.v1.Step"][];
        };
        "medmarket.v1.ListStudiesResponse": {
            /**
             * Format: uint64
             * @description before of the next page; 0 on the last one
             */
            next?: string;
            studies?: components["schemas"]["medmarket.v1.RegisteredStudy"][];
        };
        /**
         * @description Margin is how exact a measure will be. Of counts and sums that is known; of the others it depends on how many
         *     patients a group has, and where a size is given half is an estimate for a group of that size.
         */
        "medmarket.v1.Margin": {
            /**
             * Format: double
             * @description Half width of its 95 % interval in each group, in its unit. Missing if it depends on a size and none is known.
             */
            half?: number;
            /** @description For quantiles half and times_patients are differences of rank: 0.02 for a median means from rank 0.48 to 0.52. */
            in_ranks?: boolean;
            /** @description its kind, such as "mean" */
            measure?: string;
            /** @description for which half is estimated */
            size?: components["schemas"]["medmarket.v1.GroupSize"];
            /**
             * Format: double
             * @description If it depends on a size: half is at most about this, divided by the number of patients with a value in the group.
             */
            times_patients?: number;
        };
        /**
         * @description Measure is what is asked for in each group. Patients without a value count in none of the
         *     kinds that have one. Bounds are declared: values beyond them count as them.
         */
        "medmarket.v1.Measure": {
            histogram?: components["schemas"]["medmarket.v1.Measure.Histogram"];
            mean?: components["schemas"]["medmarket.v1.Measure.Bounded"];
            patients?: components["schemas"]["medmarket.v1.Measure.Patients"];
            proportion?: components["schemas"]["medmarket.v1.Measure.Proportion"];
            quantiles?: components["schemas"]["medmarket.v1.Measure.Quantiles"];
            records?: components["schemas"]["medmarket.v1.Measure.Records"];
            sum?: components["schemas"]["medmarket.v1.Measure.Bounded"];
            /** @description of the values as a whole population, and its square root */
            variance?: components["schemas"]["medmarket.v1.Measure.Bounded"];
        } & (Record<string, never> | {
            patients: components["schemas"]["medmarket.v1.Measure.Patients"];
        } | {
            records: components["schemas"]["medmarket.v1.Measure.Records"];
        } | {
            proportion: components["schemas"]["medmarket.v1.Measure.Proportion"];
        } | {
            sum: components["schemas"]["medmarket.v1.Measure.Bounded"];
        } | {
            mean: components["schemas"]["medmarket.v1.Measure.Bounded"];
        } | {
            variance: components["schemas"]["medmarket.v1.Measure.Bounded"];
        } | {
            quantiles: components["schemas"]["medmarket.v1.Measure.Quantiles"];
        } | {
            histogram: components["schemas"]["medmarket.v1.Measure.Histogram"];
        });
        /** @description Bounded is about values within bounds. */
        "medmarket.v1.Measure.Bounded": {
            /** Format: double */
            high?: number;
            /** Format: double */
            low?: number;
            value?: components["schemas"]["medmarket.v1.Value"];
        };
        /**
         * @description Histogram is the number of patients with a value in each of [e0,e1), ..., [en-1,en]; what
         *     lies beyond counts in the first and the last.
         */
        "medmarket.v1.Measure.Histogram": {
            /** @description rising */
            edges?: number[];
            value?: components["schemas"]["medmarket.v1.Value"];
        };
        /** @description Patients is their number. */
        "medmarket.v1.Measure.Patients": Record<string, never>;
        /** @description Proportion is the share of patients for whom something holds. */
        "medmarket.v1.Measure.Proportion": {
            of?: components["schemas"]["medmarket.v1.Criterion"];
        };
        /** @description Quantiles are those of given ranks; 0.5 is the median. */
        "medmarket.v1.Measure.Quantiles": {
            /** Format: double */
            high?: number;
            /** Format: double */
            low?: number;
            /** @description rising */
            ranks?: number[];
            value?: components["schemas"]["medmarket.v1.Value"];
        };
        /** @description Records is the number of events. */
        "medmarket.v1.Measure.Records": {
            events?: components["schemas"]["medmarket.v1.Events"];
            /**
             * Format: int32
             * @description At most so many of one patient in one group count.
             */
            max?: number;
        };
        "medmarket.v1.NameConceptsResponse": {
            /** @description in rising order of their ids */
            concepts?: components["schemas"]["medmarket.v1.VocabularyConcept"][];
        };
        "medmarket.v1.OpenSessionResponse": {
            /**
             * Format: int64
             * @description Unix seconds
             */
            expires_at?: string;
            /** @description a secret */
            token?: string;
        };
        "medmarket.v1.Participant": {
            /**
             * Format: byte
             * @description base64 of 20 bytes
             */
            address?: string;
            /**
             * Format: byte
             * @description SHA-256 of the organisation's name; base64 of 32 bytes
             */
            organisation?: string;
            roles?: components["schemas"]["medmarket.v1.Role"][];
        };
        /** @description Passport is what a researcher shows of herself: visas of GA4GH Passport v1.2, and who she is to their issuers. */
        "medmarket.v1.Passport": {
            /** @description Each {"issuer": URL, "subject": TEXT}, signed by her: the kind is IdentityLink. */
            links?: components["schemas"]["medmarket.v1.SignedDocument"][];
            /** @description JWS in compact form */
            visas?: string[];
        };
        /** @description Query asks for measures of the patients of a cohort, in each combination of groups. */
        "medmarket.v1.Query": {
            /**
             * @description Datasets of other hospitals that are asked the same: their answers are added up. A patient known to several of
             *     the hospitals counts once at each. Not with concepts that are not named. Precision is that at each hospital; the
             *     intervals of the sum of n are about √n times as wide.
             */
            also?: string[];
            /** @description who is asked about; missing: every patient who may be counted */
            cohort?: components["schemas"]["medmarket.v1.Criterion"];
            dataset?: string;
            /**
             * Format: double
             * @description What is spent, besides, on concepts that are not named: the probability with which one that a single
             *     patient has could appear. 2^-40 to 2^-10; 2^-27 if missing. Only where a group by concept names none.
             */
            delta?: number;
            /** @description none: one group of all */
            group_by?: components["schemas"]["medmarket.v1.GroupBy"][];
            /**
             * Format: double
             * @description half width of the 95 % interval of a measure in each group, in its unit
             */
            margin?: number;
            /**
             * Format: int32
             * @description Which of the measures margin is about; the first by default.
             */
            margin_measure?: number;
            /**
             * Format: double
             * @description The number of patients in the smallest group of interest, as declared or released
             *     before. Margins of a proportion, a mean and a variance depend on it.
             */
            margin_size?: number;
            /**
             * Format: int32
             * @description In how many groups one patient counts at most. Required if patients' events are divided
             *     (concept, calendar, value_band), unless only the first or last of each patient is; else absent.
             */
            max_groups?: number;
            /** @description none: the number of patients */
            measures?: components["schemas"]["medmarket.v1.Measure"][];
            /**
             * Format: int64
             * @description spend at most this
             */
            nano_rho?: string;
        } & (Record<string, never> | {
            /** Format: int64 */
            nano_rho: string;
        } | {
            /** Format: double */
            margin: number;
        });
        "medmarket.v1.QuoteResponse": {
            /** @description at each hospital */
            cost?: components["schemas"]["medmarket.v1.Cost"];
            /**
             * Format: int64
             * @description expected hashes drawn so far; the voucher must promise drawn + work
             */
            drawn?: string;
            /**
             * Format: int64
             * @description expected hashes ever escrowed here, final on the chain
             */
            escrow?: string;
            /** @description of each, in the order of the datasets; work is the sum of theirs */
            hospitals?: components["schemas"]["medmarket.v1.HospitalQuote"][];
            /** @description of the groups, in the answer's order; "*" stands for each concept where none is named */
            keys?: components["schemas"]["medmarket.v1.Key"][];
            /**
             * Format: double
             * @description half width of each 95 % interval of the number of patients; 0 if it is not asked for
             */
            margin?: number;
            /** @description of the plan's measures */
            margins?: components["schemas"]["medmarket.v1.Margin"][];
            /**
             * Format: byte
             * @description canonical; the ask names its SHA-256; of the first hospital if there are several; base64
             */
            plan?: string;
            /**
             * Format: byte
             * @description base64
             */
            plan_hash?: string;
            /**
             * Format: int64
             * @description number of patients, with noise, from which a group with a concept that is not named appears; else 0
             */
            threshold?: string;
            /**
             * Format: int64
             * @description price, expected hashes
             */
            work?: string;
        };
        /** @description Range is min to max, both included unless open; one is set. */
        "medmarket.v1.Range": {
            /** Format: double */
            max?: number;
            max_open?: boolean;
            /** Format: double */
            min?: number;
            min_open?: boolean;
        };
        /**
         * @description Records are a patient's rows of one OMOP table. Every field that is set must
         *     hold; which fields there are depends on the domain.
         */
        "medmarket.v1.Records": {
            /** @description none: any concept */
            concepts?: components["schemas"]["medmarket.v1.Concept"][];
            /** @description drug */
            days_supply?: components["schemas"]["medmarket.v1.IntRange"];
            domain?: components["schemas"]["medmarket.v1.Domain"];
            end?: components["schemas"]["medmarket.v1.DateRange"];
            /** @description only a patient's earliest record of these concepts, before looking at anything below */
            first?: boolean;
            /** @description drug era */
            gap_days?: components["schemas"]["medmarket.v1.IntRange"];
            /** @description end less start in days: visit, eras, observation period */
            length?: components["schemas"]["medmarket.v1.IntRange"];
            /** @description eras: records in the era */
            occurrences?: components["schemas"]["medmarket.v1.IntRange"];
            /** @description drug */
            quantity?: components["schemas"]["medmarket.v1.Range"];
            /** @description measurement */
            range_high?: components["schemas"]["medmarket.v1.Range"];
            /** @description measurement */
            range_low?: components["schemas"]["medmarket.v1.Range"];
            start?: components["schemas"]["medmarket.v1.DateRange"];
            type_concept_ids?: string[];
            /** @description measurement, observation */
            unit_concept_ids?: string[];
            /** @description measurement, observation */
            value?: components["schemas"]["medmarket.v1.Range"];
            /** @description measurement, observation */
            value_concept_ids?: string[];
        };
        /**
         * @description Reduce is how the numbers of a patient's events become one.
         * @enum {string}
         */
        "medmarket.v1.Reduce": "REDUCE_UNSPECIFIED" | "REDUCE_FIRST" | "REDUCE_LAST" | "REDUCE_MIN" | "REDUCE_MAX" | "REDUCE_MEAN" | "REDUCE_SUM";
        "medmarket.v1.RegisterParticipantResponse": Record<string, never>;
        "medmarket.v1.RegisteredQuery": {
            /** @description under a root that is final on the chain */
            anchored?: boolean;
            /**
             * Format: uint64
             * @description the hospital's log index of the decision
             */
            as_of?: string;
            cost?: components["schemas"]["medmarket.v1.Cost"];
            dataset_version?: string;
            /**
             * Format: byte
             * @description id of the study; base64
             */
            grant?: string;
            /**
             * Format: uint64
             * @description of its leaf in the receipts log
             */
            index?: string;
            /**
             * Format: byte
             * @description SHA-256 of the name of the researcher's; base64
             */
            organisation?: string;
            /** @description of the study */
            protocol?: string;
            /**
             * Format: byte
             * @description address of the hospital; base64
             */
            provider?: string;
            purpose?: components["schemas"]["medmarket.v1.Use"];
            question?: components["schemas"]["medmarket.v1.Query"];
            /**
             * Format: byte
             * @description base64
             */
            request_id?: string;
            /**
             * Format: byte
             * @description address; base64
             */
            researcher?: string;
            /**
             * Format: int64
             * @description Unix seconds of the decision
             */
            time?: string;
            /**
             * Format: int64
             * @description price paid, expected hashes
             */
            work?: string;
        };
        "medmarket.v1.RegisteredStudy": {
            /**
             * Format: byte
             * @description address; base64
             */
            committee?: string;
            /**
             * Format: int64
             * @description Unix seconds
             */
            created_at?: string;
            datasets?: components["schemas"]["medmarket.v1.Ceiling"][];
            /**
             * Format: int64
             * @description Unix seconds
             */
            expiry?: string;
            /**
             * Format: byte
             * @description SHA-256 of the grant document; base64
             */
            id?: string;
            /**
             * Format: int64
             * @description Unix seconds
             */
            not_before?: string;
            /**
             * Format: uint64
             * @description in the order of filing, from 1
             */
            number?: string;
            /** @description number or title of the protocol the committee read */
            protocol?: string;
            purposes?: components["schemas"]["medmarket.v1.Use"][];
            /** @description addresses; base64 */
            researchers?: string[];
            sponsor_type?: string;
        };
        "medmarket.v1.Relative": {
            concept?: components["schemas"]["medmarket.v1.VocabularyConcept"];
            /**
             * Format: int32
             * @description least number between the two
             */
            steps?: number;
        };
        "medmarket.v1.RequestGrantResponse": {
            /**
             * Format: byte
             * @description base64
             */
            id?: string;
        };
        /**
         * @description What somebody is to a study.
         * @enum {string}
         */
        "medmarket.v1.ReviewRole": "REVIEW_ROLE_UNSPECIFIED" | "REVIEW_ROLE_APPLICANT" | "REVIEW_ROLE_COMMITTEE";
        /**
         * @description Where a study stands with its committee.
         * @enum {string}
         */
        "medmarket.v1.ReviewState": "REVIEW_STATE_UNSPECIFIED" | "REVIEW_STATE_SUBMITTED" | "REVIEW_STATE_QUESTIONED" | "REVIEW_STATE_RETURNED" | "REVIEW_STATE_APPROVED" | "REVIEW_STATE_REJECTED" | "REVIEW_STATE_WITHDRAWN" | "REVIEW_STATE_REVOKED" | "REVIEW_STATE_CLOSED";
        /**
         * @description Role of a participant.
         * @enum {string}
         */
        "medmarket.v1.Role": "ROLE_UNSPECIFIED" | "ROLE_RESEARCHER" | "ROLE_COMMITTEE" | "ROLE_PROVIDER" | "ROLE_MARKETPLACE" | "ROLE_STEWARD" | "ROLE_OPERATOR";
        "medmarket.v1.SearchConceptsResponse": {
            concepts?: components["schemas"]["medmarket.v1.VocabularyConcept"][];
            /** @description there are, from offset + limit on */
            more?: boolean;
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
        /**
         * @description SizeBasis says where a size comes from.
         * @enum {string}
         */
        "medmarket.v1.SizeBasis": "SIZE_BASIS_UNSPECIFIED" | "SIZE_BASIS_ASKED" | "SIZE_BASIS_RELEASED" | "SIZE_BASIS_DECLARED" | "SIZE_BASIS_THRESHOLD";
        /** @description Step is a step on record. */
        "medmarket.v1.Step": {
            action?: string;
            /**
             * Format: int64
             * @description Unix seconds
             */
            at?: string;
            /**
             * Format: byte
             * @description address of who took it; base64
             */
            by?: string;
            /**
             * Format: byte
             * @description Canonical JSON: review.Entry of the Go package marketplace/review, with the step as it was
             *     signed. Its SHA-256 is what goes on the chain. base64
             */
            entry?: string;
            /**
             * Format: uint64
             * @description from 1
             */
            number?: string;
            /** @description its hash is final on the chain */
            recorded?: boolean;
            text?: string;
        };
        /** @description Use is a use of data in DUO terms. */
        "medmarket.v1.Use": {
            /** @description MONDO identifiers, for disease-specific research */
            diseases?: string[];
            /** @description such as "DUO:0000006" */
            permission?: string;
        };
        /** @description Value is one number for each patient and group. */
        "medmarket.v1.Value": {
            /** @description missing only for the age in the reference year */
            events?: components["schemas"]["medmarket.v1.Events"];
            field?: components["schemas"]["medmarket.v1.Field"];
            /** @description How the numbers of several events become one; not for count, and not without events. */
            reduce?: components["schemas"]["medmarket.v1.Reduce"];
        };
        "medmarket.v1.VocabularyConcept": {
            /** @description in its vocabulary */
            code?: string;
            /** @description "Disorder" */
            concept_class?: string;
            /** @description as OMOP spells it: "Condition" */
            domain?: string;
            /** Format: int64 */
            id?: string;
            name?: string;
            /** @description "S": questions use it; "C": it only classifies others; empty: neither */
            standard?: string;
            /** @description "SNOMED" */
            vocabulary?: string;
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
    ParticipantService_RegisterParticipant: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    participant?: components["schemas"]["medmarket.v1.Participant"];
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
                    "application/json": components["schemas"]["medmarket.v1.RegisterParticipantResponse"];
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
    ParticipantService_GetParticipant: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description base64 of 20 bytes */
                address: string;
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
                    "application/json": components["schemas"]["medmarket.v1.GetParticipantResponse"];
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
    ConceptService_SearchConcepts: {
        parameters: {
            query?: {
                query?: string;
                /** @description only of this one */
                domain?: string;
                /** @description only of this one */
                vocabulary?: string;
                standard_only?: boolean;
                /** @description 0: 20 */
                limit?: number;
                offset?: number;
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
                    "application/json": components["schemas"]["medmarket.v1.SearchConceptsResponse"];
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
    ConceptService_GetConcept: {
        parameters: {
            query?: {
                /** @description of ancestors and of descendants; 0: 100 */
                limit?: number;
                offset?: number;
            };
            header?: never;
            path: {
                id: string;
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
                    "application/json": components["schemas"]["medmarket.v1.GetConceptResponse"];
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
    ConceptService_NameConcepts: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    ids?: string[];
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
                    "application/json": components["schemas"]["medmarket.v1.NameConceptsResponse"];
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
    DatasetService_ListDatasets: {
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
                    "application/json": components["schemas"]["medmarket.v1.ListDatasetsResponse"];
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
    DatasetService_GetDataset: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
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
                    "application/json": components["schemas"]["medmarket.v1.GetDatasetResponse"];
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
    DatasetService_AcceptTerms: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    acceptance?: components["schemas"]["medmarket.v1.SignedDocument"];
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
                    "application/json": components["schemas"]["medmarket.v1.AcceptTermsResponse"];
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
    GrantService_ListGrants: {
        parameters: {
            query?: {
                /** @description only those in which something is for the caller to do */
                waiting?: boolean;
                /** @description next of the page before; 0: from the oldest on */
                after?: string;
                /** @description grants at most; 0: 100 */
                limit?: number;
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
                    "application/json": components["schemas"]["medmarket.v1.ListGrantsResponse"];
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
    GrantService_RequestGrant: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    document?: components["schemas"]["medmarket.v1.SignedDocument"];
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
                    "application/json": components["schemas"]["medmarket.v1.RequestGrantResponse"];
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
    GrantService_ApproveGrant: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description base64 of 32 bytes */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /**
                     * Format: byte
                     * @description over the GrantTerms; base64 of 65 bytes
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
                    "application/json": components["schemas"]["medmarket.v1.ApproveGrantResponse"];
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
    GrantService_GetGrant: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description base64 of 32 bytes */
                id: string;
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
                    "application/json": components["schemas"]["medmarket.v1.GetGrantResponse"];
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
    GrantService_ListSteps: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description base64 of 32 bytes */
                id: string;
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
                    "application/json": components["schemas"]["medmarket.v1.ListStepsResponse"];
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
    GrantService_CreateStep: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description base64 of 32 bytes */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description of a resubmit: the grant document that takes the place of the present one */
                    document?: components["schemas"]["medmarket.v1.SignedDocument"];
                    /** @description its revision is its number */
                    step?: components["schemas"]["medmarket.v1.SignedDocument"];
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
                    "application/json": components["schemas"]["medmarket.v1.CreateStepResponse"];
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
    GrantService_CreateFile: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description base64 of 32 bytes */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /**
                     * Format: byte
                     * @description base64
                     */
                    content?: string;
                    name?: string;
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
                    "application/json": components["schemas"]["medmarket.v1.CreateFileResponse"];
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
    GrantService_GetFile: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description base64 of 32 bytes */
                id: string;
                /** @description base64 of 32 bytes */
                hash: string;
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
                    "application/json": components["schemas"]["medmarket.v1.GetFileResponse"];
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
    QueryService_Quote: {
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
                     * Format: byte
                     * @description The id of a grant that names the caller: sizes of groups that its study was told before serve to estimate precision. base64 of 32 bytes
                     */
                    grant?: string;
                    query?: components["schemas"]["medmarket.v1.Query"];
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
                    "application/json": components["schemas"]["medmarket.v1.QuoteResponse"];
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
    QueryService_Ask: {
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
                     * Format: byte
                     * @description canonical Ask; base64
                     */
                    ask?: string;
                    /**
                     * Format: byte
                     * @description Of several hospitals: the researcher's signature over the Ask as a document of kind Partial, without expiry, that she takes what has been
                     *     answered if others are down, slow or failed. Without it the ask then stays open (HOSPITAL_UNAVAILABLE),
                     *     what was answered is kept, and sending it again asks the others only. Once there is an answer it stays what it is. base64 of 65 bytes
                     */
                    partial?: string;
                    /** @description for datasets whose policy requires visas */
                    passport?: components["schemas"]["medmarket.v1.Passport"];
                    /**
                     * Format: byte
                     * @description canonical, from the quote; base64
                     */
                    plan?: string;
                    /** @description Plans of the other hospitals that the ask names, in its order. base64 */
                    plans?: string[];
                    /**
                     * Format: byte
                     * @description base64 of 65 bytes
                     */
                    signature?: string;
                    /**
                     * Format: uint64
                     * @description cumulative expected hashes
                     */
                    voucher?: string;
                    /**
                     * Format: byte
                     * @description base64 of 65 bytes
                     */
                    voucher_signature?: string;
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
                    "application/json": components["schemas"]["medmarket.v1.AskResponse"];
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
    QueryService_GetAccount: {
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
                    "application/json": components["schemas"]["medmarket.v1.GetAccountResponse"];
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
    ReceiptService_GetReceipt: {
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
                    "application/json": components["schemas"]["medmarket.v1.GetReceiptResponse"];
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
    RegisterService_GetAnchor: {
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
                    "application/json": components["schemas"]["medmarket.v1.GetAnchorResponse"];
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
    RegisterService_ListStudies: {
        parameters: {
            query?: {
                /** @description number of the last study of the page before; 0: from the newest on */
                before?: string;
                /** @description studies at most; 0: 50 */
                limit?: number;
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
                    "application/json": components["schemas"]["medmarket.v1.ListStudiesResponse"];
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
    RegisterService_GetStudy: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description base64 of 32 bytes */
                id: string;
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
                    "application/json": components["schemas"]["medmarket.v1.GetStudyResponse"];
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
    RegisterService_ListQueries: {
        parameters: {
            query?: {
                /** @description of this study only; missing: of all; base64 of 32 bytes */
                grant?: string;
                /** @description index of the last query of the page before; 0: from the newest on */
                before?: string;
                /** @description queries at most; 0: 50 */
                limit?: number;
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
                    "application/json": components["schemas"]["medmarket.v1.ListQueriesResponse"];
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
    RegisterService_GetQuery: {
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
                    "application/json": components["schemas"]["medmarket.v1.GetQueryResponse"];
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
    VisaService_CreateVisa: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    dataset?: string;
                    /**
                     * Format: byte
                     * @description SHA-256 of its document; base64 of 32 bytes
                     */
                    grant?: string;
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
                    "application/json": components["schemas"]["medmarket.v1.CreateVisaResponse"];
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

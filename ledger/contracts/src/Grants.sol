// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Registry, COMMITTEE, MARKETPLACE} from "./Registry.sol";
import {SignedDocuments} from "./SignedDocuments.sol";

/// @title Which studies a committee has approved, and under what ceilings.
/// @notice Holds hashes of grant documents; the documents themselves stay off chain.
/// @dev Committees sign, anybody may carry their signatures here. A grant stands under its document's hash and the
/// organisation whose members sign, so nobody of another organisation can occupy it or decide on it. It is active
/// once Registry.approvalsOf(organisation) different members have approved the same terms; a member with a new key
/// is the same member (Registry.identityOf). If that number is lowered, anybody makes it count (conclude). Any one member
/// suspends, closes or revokes; to resume, or to put off the continuing review, as many are needed as to approve. Each
/// signature is good for one thing once: closing and revocation are for good, suspensions and resumptions name how many
/// suspensions there were before, and the date of a review only rises, so an old signature carried here again revives
/// nothing. An amendment is a grant of its own that names the one it amends: when it becomes active, the other is superseded
/// for good, and both belong to one study (the hash of its first grant), by which what was spent is counted on. It does not protect against as many members as are needed whose keys were stolen, only
/// shows what was done with them; nor against one member who approves other terms before her colleagues: they then need
/// another document.
contract Grants is SignedDocuments {
    /// @notice What has become of a grant.
    enum Status {
        NONE,
        PENDING,
        ACTIVE,
        SUSPENDED,
        REVOKED,
        SUPERSEDED,
        CLOSED
    }

    /// @notice What members approve of a grant document.
    struct Terms {
        /// Revision of the document.
        uint64 revision;
        /// Unix seconds, inclusive.
        uint64 notBefore;
        /// Unix seconds, exclusive.
        uint64 expiry;
        /// Unix seconds of the first continuing review, from which on the grant does not hold until it is put off; zero for none.
        uint64 reviewBy;
        /// Hash of the grant document that this one amends; zero for none.
        bytes32 amends;
        /// Hash of each dataset's identifier, strictly rising, so that one grant has one form.
        bytes32[] datasets;
        /// Greatest privacy loss at each dataset, in nano-rho, in the same order.
        uint64[] nanoRhoCeilings;
    }

    /// @notice A grant as recorded here.
    struct Grant {
        Status status;
        /// How often it was suspended.
        uint32 suspensions;
        /// Members who have signed: the approval, or since the last suspension, its resumption.
        uint32 signatures;
        /// Revision of the document, counted by the committee.
        uint64 revision;
        /// Block number of the approval that made it active; zero while it is pending.
        uint64 approvedAt;
        /// Unix seconds; the grant holds from then on.
        uint64 notBefore;
        /// Unix seconds; the grant holds until just before then.
        uint64 expiry;
        /// Block number of the last change since; zero if there was none.
        uint64 changedAt;
        /// Unix seconds; the grant does not hold from then on, until members have put it off. Zero for never.
        uint64 reviewBy;
        /// Organisation of the members who sign.
        bytes32 organisation;
        /// EIP-712 hashStruct of the GrantTerms that they approve.
        bytes32 terms;
        /// Grant that this one amends, which must be of the same organisation; zero for none.
        bytes32 amends;
        /// First grant of the study that this one amends; zero for a grant that amends none.
        bytes32 study;
        /// Hash of each dataset's identifier, strictly rising.
        bytes32[] datasets;
        /// Greatest privacy loss allowed at each dataset, in nano-rho, in the same order.
        uint64[] nanoRhoCeilings;
    }

    bytes32 private constant TERMS_TYPEHASH = keccak256(
        "GrantTerms(bytes32 documentHash,uint64 revision,bytes32 genesisHash,uint64 expiry,bytes32 termsHash)"
    );
    bytes32 private constant REVOCATION_TYPEHASH =
        keccak256("GrantRevocation(bytes32 documentHash,bytes32 genesisHash)");
    bytes32 private constant SUSPENSION_TYPEHASH =
        keccak256("GrantSuspension(bytes32 documentHash,uint64 suspensions,bytes32 genesisHash)");
    bytes32 private constant RESUMPTION_TYPEHASH =
        keccak256("GrantResumption(bytes32 documentHash,uint64 suspensions,bytes32 genesisHash)");
    bytes32 private constant REVIEW_TYPEHASH =
        keccak256("GrantReview(bytes32 documentHash,uint64 reviewBy,bytes32 genesisHash)");
    bytes32 private constant CLOSURE_TYPEHASH =
        keccak256("GrantClosure(bytes32 documentHash,bytes32 reportHash,bytes32 genesisHash)");
    /// @notice Greatest number of datasets in one grant.
    uint256 public constant MAX_DATASETS = 64;
    /// @notice Greatest number of steps recorded at a time.
    uint256 public constant MAX_STEPS = 64;

    /// @notice Who sits on a committee.
    Registry public immutable registry;
    bytes32 private immutable _genesisHash;

    mapping(bytes32 grantHash => mapping(bytes32 organisation => Grant)) private _grants;
    /// For which organisation a member has approved.
    mapping(bytes32 grantHash => mapping(address identity => bytes32 organisation)) private _approvals;
    /// Up to which suspension a member has signed the resumption.
    mapping(bytes32 grantHash => mapping(address identity => uint32 suspensions)) private _resumptions;
    /// Up to which date a member has signed to put the review off.
    mapping(bytes32 grantHash => mapping(address identity => uint64 reviewBy)) private _reviews;
    /// Members who have signed to put the review off to a date.
    mapping(bytes32 grantHash => mapping(bytes32 organisation => mapping(uint64 reviewBy => uint32 signatures)))
        private _reviewSignatures;
    /// What a marketplace has recorded of a study's review, as one hash.
    mapping(address marketplace => mapping(bytes32 study => bytes32 head)) private _steps;

    /// @notice A member approved the terms of a grant.
    /// @param grantHash Hash of the grant document.
    /// @param organisation Her organisation.
    /// @param committee Member who signed.
    /// @param signatures Members who have approved by now.
    event ApprovalSigned(
        bytes32 indexed grantHash, bytes32 indexed organisation, address indexed committee, uint32 signatures
    );
    /// @notice Enough members have approved: the grant is active.
    /// @param grantHash Hash of the grant document.
    /// @param organisation Organisation of the committee.
    /// @param revision Revision of the document.
    /// @param datasets Hash of each dataset's identifier.
    /// @param nanoRhoCeilings Greatest privacy loss at each dataset, in nano-rho.
    /// @param notBefore Unix seconds, inclusive.
    /// @param expiry Unix seconds, exclusive.
    /// @param reviewBy Unix seconds of the continuing review; zero for none.
    event Approved(
        bytes32 indexed grantHash,
        bytes32 indexed organisation,
        uint64 revision,
        bytes32[] datasets,
        uint64[] nanoRhoCeilings,
        uint64 notBefore,
        uint64 expiry,
        uint64 reviewBy
    );
    /// @notice An amendment became active and took the place of a grant.
    /// @param grantHash Hash of the grant document that holds no longer.
    /// @param organisation Organisation of the committee.
    /// @param by Hash of the grant document that amends it.
    event Superseded(bytes32 indexed grantHash, bytes32 indexed organisation, bytes32 indexed by);
    /// @notice A member signed to put the continuing review off.
    /// @param grantHash Hash of the grant document.
    /// @param organisation Organisation of the committee.
    /// @param committee Member who signed.
    /// @param reviewBy Unix seconds of the next review.
    /// @param signatures Members who have signed for that date.
    event ReviewSigned(
        bytes32 indexed grantHash,
        bytes32 indexed organisation,
        address indexed committee,
        uint64 reviewBy,
        uint32 signatures
    );
    /// @notice Enough members have signed: the next review is at that date.
    /// @param grantHash Hash of the grant document.
    /// @param organisation Organisation of the committee.
    /// @param reviewBy Unix seconds of the next review.
    event Reviewed(bytes32 indexed grantHash, bytes32 indexed organisation, uint64 reviewBy);
    /// @notice A grant was closed: the study is over.
    /// @param grantHash Hash of the grant document.
    /// @param organisation Organisation of the committee.
    /// @param committee Member who signed.
    /// @param reportHash Hash of the final report; zero if there is none.
    event Closed(
        bytes32 indexed grantHash, bytes32 indexed organisation, address indexed committee, bytes32 reportHash
    );
    /// @notice A marketplace recorded steps of a study's review.
    /// @param study Hash that names the study.
    /// @param marketplace Who recorded them.
    /// @param head Hash of all steps so far.
    /// @param steps Hash of each new step.
    event StepsRecorded(bytes32 indexed study, address indexed marketplace, bytes32 head, bytes32[] steps);
    /// @notice A grant was suspended.
    /// @param grantHash Hash of the grant document.
    /// @param organisation Organisation of the committee.
    /// @param committee Member who signed.
    /// @param suspensions How often it was suspended by now.
    event Suspended(
        bytes32 indexed grantHash, bytes32 indexed organisation, address indexed committee, uint32 suspensions
    );
    /// @notice A member signed that a grant shall be resumed.
    /// @param grantHash Hash of the grant document.
    /// @param organisation Organisation of the committee.
    /// @param committee Member who signed.
    /// @param signatures Members who have signed since the suspension.
    event ResumptionSigned(
        bytes32 indexed grantHash, bytes32 indexed organisation, address indexed committee, uint32 signatures
    );
    /// @notice Enough members have signed: the grant is active again.
    /// @param grantHash Hash of the grant document.
    /// @param organisation Organisation of the committee.
    /// @param suspensions How often it was suspended.
    event Resumed(bytes32 indexed grantHash, bytes32 indexed organisation, uint32 suspensions);
    /// @notice A grant was revoked.
    /// @param grantHash Hash of the grant document.
    /// @param organisation Organisation of the committee.
    /// @param committee Member who signed the revocation.
    event Revoked(bytes32 indexed grantHash, bytes32 indexed organisation, address indexed committee);

    /// @notice The signer does not hold the role COMMITTEE.
    error NotCommittee(address signer);
    /// @notice The member has signed this already.
    error AlreadySigned(address signer);
    /// @notice A colleague approved the document under other terms.
    error OtherTerms(bytes32 grantHash);
    /// @notice The signer's organisation has no such grant, or not in the state for this.
    error WrongStatus(bytes32 grantHash, Status status);
    /// @notice The signature is of another time: that many suspensions were named, and there were so many.
    error WrongSuspension(uint64 named, uint64 suspensions);
    /// @notice No document is named.
    error ZeroGrant();
    /// @notice Datasets and ceilings are not lists of the same length from 1 to MAX_DATASETS.
    error UnevenTerms(uint256 datasets, uint256 ceilings);
    /// @notice The dataset does not come strictly after the one before it.
    error DatasetOrder(uint256 index);
    /// @notice The period is empty.
    error EmptyPeriod(uint64 notBefore, uint64 expiry);
    /// @notice Fewer members have signed than must.
    error TooFewSignatures(uint32 signatures, uint8 approvals);
    /// @notice The period is over.
    error GrantExpired(uint64 expiry);
    /// @notice The review is not within the period, or not later than it is, or there is none.
    error BadReview(uint64 named, uint64 reviewBy);
    /// @notice The account does not hold the role MARKETPLACE.
    error NotMarketplace(address account);
    /// @notice Not 1 to MAX_STEPS steps.
    error BadSteps(uint256 steps);
    /// @notice Other steps were recorded before than the sender says.
    error OtherHead(bytes32 head);

    /// @param registry_ Who takes part.
    constructor(Registry registry_) {
        registry = registry_;
        _genesisHash = registry_.genesisHash();
    }

    /// @notice Records a member's approval. The signature covers every argument. Further members than are needed may
    /// approve an active grant too.
    /// @param grantHash Hash of the grant document.
    /// @param terms What she approves.
    /// @param committeeSignature EIP-712 signature of GrantTerms, whose termsHash is
    /// keccak256(abi.encode(datasets, nanoRhoCeilings, notBefore, expiry, reviewBy, amends)).
    function approve(bytes32 grantHash, Terms calldata terms, bytes calldata committeeSignature) external {
        require(grantHash != 0, ZeroGrant());
        _checkTerms(terms);
        Grant storage grant = _signApproval(grantHash, _hashTerms(grantHash, terms), committeeSignature);
        bytes32 organisation = grant.organisation;
        if (grant.signatures == 1) {
            (grant.revision, grant.notBefore, grant.expiry) = (terms.revision, terms.notBefore, terms.expiry);
            (grant.datasets, grant.nanoRhoCeilings) = (terms.datasets, terms.nanoRhoCeilings);
            grant.reviewBy = terms.reviewBy;
            if (terms.amends != 0) {
                bytes32 study = _amended(terms.amends, organisation).study;
                (grant.amends, grant.study) = (terms.amends, study == 0 ? terms.amends : study);
            }
        }
        if (grant.status == Status.ACTIVE || grant.signatures < registry.approvalsOf(organisation)) return;
        _activate(grantHash, grant);
    }

    /// @notice Suspends an active grant. Signed by any one member of the organisation, or who approved for it.
    /// @param grantHash Hash of the grant document.
    /// @param suspensions How often it was suspended before.
    /// @param committeeSignature EIP-712 signature of GrantSuspension.
    function suspend(bytes32 grantHash, uint64 suspensions, bytes calldata committeeSignature) external {
        (address signer, Grant storage grant) = _decide(
            grantHash,
            keccak256(abi.encode(SUSPENSION_TYPEHASH, grantHash, suspensions, _genesisHash)),
            committeeSignature
        );
        require(grant.status == Status.ACTIVE, WrongStatus(grantHash, grant.status));
        require(grant.suspensions == suspensions, WrongSuspension(suspensions, grant.suspensions));
        grant.suspensions++;
        (grant.status, grant.signatures, grant.changedAt) = (Status.SUSPENDED, 0, uint64(block.number));
        emit Suspended(grantHash, grant.organisation, signer, grant.suspensions);
    }

    /// @notice Records a member's signature that a suspended grant shall be resumed. As many are needed as to approve.
    /// @param grantHash Hash of the grant document.
    /// @param suspensions How often it was suspended, counting the one that this ends.
    /// @param committeeSignature EIP-712 signature of GrantResumption.
    function resume(bytes32 grantHash, uint64 suspensions, bytes calldata committeeSignature) external {
        (address signer, bytes32 organisation) = _member(
            keccak256(abi.encode(RESUMPTION_TYPEHASH, grantHash, suspensions, _genesisHash)), committeeSignature
        );
        Grant storage grant = _grants[grantHash][organisation];
        require(grant.status == Status.SUSPENDED, WrongStatus(grantHash, grant.status));
        require(grant.suspensions == suspensions, WrongSuspension(suspensions, grant.suspensions));
        address identity = registry.identityOf(signer);
        require(_resumptions[grantHash][identity] < suspensions, AlreadySigned(signer));
        _resumptions[grantHash][identity] = grant.suspensions;
        emit ResumptionSigned(grantHash, organisation, signer, ++grant.signatures);
        if (grant.signatures < registry.approvalsOf(organisation)) return;
        (grant.status, grant.changedAt) = (Status.ACTIVE, uint64(block.number));
        emit Resumed(grantHash, organisation, grant.suspensions);
    }

    /// @notice Makes a grant active, or active again, that as many members have signed as must by now: an operator may have
    /// lowered the number since the last of them signed. Anybody may call it.
    /// @param grantHash Hash of the grant document.
    /// @param organisation Organisation of the committee.
    function conclude(bytes32 grantHash, bytes32 organisation) external {
        Grant storage grant = _grants[grantHash][organisation];
        Status status = grant.status;
        require(status == Status.PENDING || status == Status.SUSPENDED, WrongStatus(grantHash, status));
        uint8 approvals = registry.approvalsOf(organisation);
        require(grant.signatures >= approvals, TooFewSignatures(grant.signatures, approvals));
        grant.status = Status.ACTIVE;
        if (status == Status.SUSPENDED) {
            grant.changedAt = uint64(block.number);
            emit Resumed(grantHash, organisation, grant.suspensions);
            return;
        }
        require(block.timestamp < grant.expiry, GrantExpired(grant.expiry));
        _activate(grantHash, grant);
    }

    /// @notice Records a member's signature that the continuing review is done and the next one is due at a later date. As
    /// many are needed as to approve, for the same date; carrying a signature here again makes those count that there are, if
    /// fewer are wanted by now.
    /// @param grantHash Hash of the grant document.
    /// @param reviewBy Unix seconds of the next review, later than the last and not after the grant's end.
    /// @param committeeSignature EIP-712 signature of GrantReview.
    function renew(bytes32 grantHash, uint64 reviewBy, bytes calldata committeeSignature) external {
        (address signer, bytes32 organisation) =
            _member(keccak256(abi.encode(REVIEW_TYPEHASH, grantHash, reviewBy, _genesisHash)), committeeSignature);
        Grant storage grant = _grants[grantHash][organisation];
        Status status = grant.status;
        require(status == Status.ACTIVE || status == Status.SUSPENDED, WrongStatus(grantHash, status));
        require(
            grant.reviewBy != 0 && reviewBy > grant.reviewBy && reviewBy <= grant.expiry,
            BadReview(reviewBy, grant.reviewBy)
        );
        uint32 signatures = _reviewSignatures[grantHash][organisation][reviewBy];
        address identity = registry.identityOf(signer);
        if (_reviews[grantHash][identity] < reviewBy) {
            _reviews[grantHash][identity] = reviewBy;
            _reviewSignatures[grantHash][organisation][reviewBy] = ++signatures;
            emit ReviewSigned(grantHash, organisation, signer, reviewBy, signatures);
        }
        if (signatures < registry.approvalsOf(organisation)) return;
        (grant.reviewBy, grant.changedAt) = (reviewBy, uint64(block.number));
        emit Reviewed(grantHash, organisation, reviewBy);
    }

    /// @notice Closes a grant, for good: the study is over. Signed by any one member of the organisation, or who approved
    /// for it.
    /// @param grantHash Hash of the grant document.
    /// @param reportHash Hash of the final report; zero if there is none.
    /// @param committeeSignature EIP-712 signature of GrantClosure.
    function close(bytes32 grantHash, bytes32 reportHash, bytes calldata committeeSignature) external {
        (address signer, Grant storage grant) = _decide(
            grantHash, keccak256(abi.encode(CLOSURE_TYPEHASH, grantHash, reportHash, _genesisHash)), committeeSignature
        );
        Status status = grant.status;
        require(status == Status.ACTIVE || status == Status.SUSPENDED, WrongStatus(grantHash, status));
        (grant.status, grant.changedAt) = (Status.CLOSED, uint64(block.number));
        emit Closed(grantHash, grant.organisation, signer, reportHash);
    }

    /// @notice Records the hashes of further steps of a study's review, in order. The sender is a marketplace, and what it
    /// records is under its own name.
    /// @param study Hash that names the study.
    /// @param head What the sender recorded of it before: stepsOf.
    /// @param steps Hash of each step.
    function record(bytes32 study, bytes32 head, bytes32[] calldata steps) external {
        require(registry.holds(msg.sender, MARKETPLACE), NotMarketplace(msg.sender));
        require(steps.length != 0 && steps.length <= MAX_STEPS, BadSteps(steps.length));
        require(_steps[msg.sender][study] == head, OtherHead(_steps[msg.sender][study]));
        for (uint256 i = 0; i < steps.length; i++) head = keccak256(abi.encode(head, steps[i]));
        _steps[msg.sender][study] = head;
        emit StepsRecorded(study, msg.sender, head, steps);
    }

    /// @notice What a marketplace has recorded of a study: keccak256(abi.encode(what was before, hash of the last step)), from
    /// zero on.
    /// @param marketplace Who recorded it.
    /// @param study Hash that names the study.
    function stepsOf(address marketplace, bytes32 study) external view returns (bytes32) {
        return _steps[marketplace][study];
    }

    /// @notice Records a revocation, for good, of a grant that is not over. Signed by any one member of the organisation, or
    /// who approved for it.
    /// @param grantHash Hash of the grant document.
    /// @param committeeSignature EIP-712 signature of GrantRevocation.
    function revoke(bytes32 grantHash, bytes calldata committeeSignature) external {
        (address signer, Grant storage grant) =
            _decide(grantHash, keccak256(abi.encode(REVOCATION_TYPEHASH, grantHash, _genesisHash)), committeeSignature);
        Status status = grant.status;
        require(
            status == Status.PENDING || status == Status.ACTIVE || status == Status.SUSPENDED,
            WrongStatus(grantHash, status)
        );
        (grant.status, grant.changedAt) = (Status.REVOKED, uint64(block.number));
        emit Revoked(grantHash, grant.organisation, signer);
    }

    /// @notice A committee's grant; all zero when there is none. ACTIVE does not look at the clock: compare the period.
    /// @param grantHash Hash of the grant document.
    /// @param organisation Organisation of the committee.
    function get(bytes32 grantHash, bytes32 organisation) external view returns (Grant memory) {
        return _grants[grantHash][organisation];
    }

    /// @notice The grant under a document's hash that a certain member approved; all zero when she approved none.
    /// @param grantHash Hash of the grant document.
    /// @param committee Any account of the member, a retired one too.
    function approvedBy(bytes32 grantHash, address committee) external view returns (Grant memory) {
        return _grants[grantHash][_approvals[grantHash][registry.identityOf(committee)]];
    }

    function _checkTerms(Terms calldata terms) private view {
        bytes32[] calldata datasets = terms.datasets;
        uint256 ceilings = terms.nanoRhoCeilings.length;
        require(
            datasets.length == ceilings && datasets.length != 0 && datasets.length <= MAX_DATASETS,
            UnevenTerms(datasets.length, ceilings)
        );
        for (uint256 i = 1; i < datasets.length; i++) require(datasets[i] > datasets[i - 1], DatasetOrder(i));
        require(terms.notBefore < terms.expiry, EmptyPeriod(terms.notBefore, terms.expiry));
        require(block.timestamp < terms.expiry, GrantExpired(terms.expiry));
        uint64 reviewBy = terms.reviewBy;
        require(reviewBy == 0 || (reviewBy > terms.notBefore && reviewBy <= terms.expiry), BadReview(reviewBy, 0));
    }

    /// @dev EIP-712 hashStruct of the terms.
    function _hashTerms(bytes32 grantHash, Terms calldata terms) private view returns (bytes32) {
        bytes32 hash = keccak256(
            abi.encode(
                terms.datasets, terms.nanoRhoCeilings, terms.notBefore, terms.expiry, terms.reviewBy, terms.amends
            )
        );
        return keccak256(abi.encode(TERMS_TYPEHASH, grantHash, terms.revision, _genesisHash, terms.expiry, hash));
    }

    /// @dev The grant that an amendment amends, which must hold or be suspended.
    function _amended(bytes32 amends, bytes32 organisation) private view returns (Grant storage grant) {
        grant = _grants[amends][organisation];
        Status status = grant.status;
        require(status == Status.ACTIVE || status == Status.SUSPENDED, WrongStatus(amends, status));
    }

    /// @dev Makes a grant active that enough members have approved, in the place of the one it amends.
    function _activate(bytes32 grantHash, Grant storage grant) private {
        bytes32 organisation = grant.organisation;
        bytes32 amends = grant.amends;
        if (amends != 0) {
            Grant storage amended = _amended(amends, organisation);
            (amended.status, amended.changedAt) = (Status.SUPERSEDED, uint64(block.number));
            emit Superseded(amends, organisation, grantHash);
        }
        (grant.status, grant.approvedAt) = (Status.ACTIVE, uint64(block.number));
        emit Approved(
            grantHash,
            organisation,
            grant.revision,
            grant.datasets,
            grant.nanoRhoCeilings,
            grant.notBefore,
            grant.expiry,
            grant.reviewBy
        );
    }

    /// @dev Counts a member's approval of the terms, the first of which makes the grant.
    function _signApproval(bytes32 grantHash, bytes32 terms, bytes calldata signature)
        private
        returns (Grant storage grant)
    {
        (address signer, bytes32 organisation) = _member(terms, signature);
        grant = _grants[grantHash][organisation];
        Status status = grant.status;
        if (status == Status.NONE) {
            (grant.status, grant.organisation, grant.terms) = (Status.PENDING, organisation, terms);
        } else {
            require(grant.terms == terms, OtherTerms(grantHash));
            require(status == Status.PENDING || status == Status.ACTIVE, WrongStatus(grantHash, status));
        }
        address identity = registry.identityOf(signer);
        require(_approvals[grantHash][identity] == 0, AlreadySigned(signer));
        _approvals[grantHash][identity] = organisation;
        emit ApprovalSigned(grantHash, organisation, signer, ++grant.signatures);
    }

    /// @dev Signer of a decision that one member takes, and the grant it is about: the one she approved, or else her
    /// organisation's.
    function _decide(bytes32 grantHash, bytes32 structHash, bytes calldata signature)
        private
        view
        returns (address signer, Grant storage grant)
    {
        bytes32 organisation;
        (signer, organisation) = _member(structHash, signature);
        bytes32 approvedFor = _approvals[grantHash][registry.identityOf(signer)];
        grant = _grants[grantHash][approvedFor == 0 ? organisation : approvedFor];
    }

    /// @dev Signer of the struct and her organisation; refuses signers who are not on a committee now.
    function _member(bytes32 structHash, bytes calldata signature)
        private
        view
        returns (address signer, bytes32 organisation)
    {
        signer = _signer(structHash, signature);
        Registry.Participant memory member = registry.participant(signer);
        require(member.roles & COMMITTEE != 0, NotCommittee(signer));
        organisation = member.organisation;
    }
}

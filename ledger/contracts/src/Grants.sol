// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Registry, COMMITTEE} from "./Registry.sol";
import {SignedDocuments} from "./SignedDocuments.sol";

/// @title Which studies a committee has approved, and under what ceilings.
/// @notice Holds hashes of grant documents; the documents themselves stay off chain.
/// @dev Committees sign, anybody may carry their signatures here. A grant stands under its document's hash and the
/// organisation whose members sign, so nobody of another organisation can occupy it or decide on it. It is active
/// once Registry.approvalsOf(organisation) different members have approved the same terms; a member with a new key
/// is the same member (Registry.identityOf). If that number is lowered, anybody makes it count (conclude). Any one member
/// suspends or revokes; to resume, as many are needed as to approve. Each signature is good for one thing once: revocation
/// is for good, and suspensions and resumptions name how many suspensions there were before, so an old signature carried
/// here again revives nothing. It does not protect against as many members as are needed whose keys were stolen, only
/// shows what was done with them; nor against one member who approves other terms before her colleagues: they then need
/// another document.
contract Grants is SignedDocuments {
    /// @notice What has become of a grant.
    enum Status {
        NONE,
        PENDING,
        ACTIVE,
        SUSPENDED,
        REVOKED
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
        /// Block number of the last suspension, resumption or revocation; zero if there was none.
        uint64 changedAt;
        /// Organisation of the members who sign.
        bytes32 organisation;
        /// EIP-712 hashStruct of the GrantTerms that they approve.
        bytes32 terms;
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
    /// @notice Greatest number of datasets in one grant.
    uint256 public constant MAX_DATASETS = 64;

    /// @notice Who sits on a committee.
    Registry public immutable registry;
    bytes32 private immutable _genesisHash;

    mapping(bytes32 grantHash => mapping(bytes32 organisation => Grant)) private _grants;
    /// For which organisation a member has approved.
    mapping(bytes32 grantHash => mapping(address identity => bytes32 organisation)) private _approvals;
    /// Up to which suspension a member has signed the resumption.
    mapping(bytes32 grantHash => mapping(address identity => uint32 suspensions)) private _resumptions;

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
    event Approved(
        bytes32 indexed grantHash,
        bytes32 indexed organisation,
        uint64 revision,
        bytes32[] datasets,
        uint64[] nanoRhoCeilings,
        uint64 notBefore,
        uint64 expiry
    );
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

    /// @param registry_ Who takes part.
    constructor(Registry registry_) {
        registry = registry_;
        _genesisHash = registry_.genesisHash();
    }

    /// @notice Records a member's approval. The signature covers every argument. Further members than are needed may
    /// approve an active grant too.
    /// @param grantHash Hash of the grant document.
    /// @param revision Revision of the document.
    /// @param datasets Hash of each dataset's identifier, strictly rising, so that one grant has one form.
    /// @param nanoRhoCeilings Greatest privacy loss at each dataset, in nano-rho.
    /// @param notBefore Unix seconds, inclusive.
    /// @param expiry Unix seconds, exclusive.
    /// @param committeeSignature EIP-712 signature of GrantTerms, whose termsHash is
    /// keccak256(abi.encode(datasets, nanoRhoCeilings, notBefore, expiry)).
    function approve(
        bytes32 grantHash,
        uint64 revision,
        bytes32[] calldata datasets,
        uint64[] calldata nanoRhoCeilings,
        uint64 notBefore,
        uint64 expiry,
        bytes calldata committeeSignature
    ) external {
        require(grantHash != 0, ZeroGrant());
        _checkTerms(datasets, nanoRhoCeilings, notBefore, expiry);
        bytes32 terms = keccak256(abi.encode(datasets, nanoRhoCeilings, notBefore, expiry));
        terms = keccak256(abi.encode(TERMS_TYPEHASH, grantHash, revision, _genesisHash, expiry, terms));
        Grant storage grant = _signApproval(grantHash, terms, committeeSignature);
        if (grant.signatures == 1) {
            (grant.revision, grant.notBefore, grant.expiry) = (revision, notBefore, expiry);
            (grant.datasets, grant.nanoRhoCeilings) = (datasets, nanoRhoCeilings);
        }
        bytes32 organisation = grant.organisation;
        if (grant.status == Status.ACTIVE || grant.signatures < registry.approvalsOf(organisation)) return;
        (grant.status, grant.approvedAt) = (Status.ACTIVE, uint64(block.number));
        emit Approved(grantHash, organisation, revision, datasets, nanoRhoCeilings, notBefore, expiry);
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
        grant.approvedAt = uint64(block.number);
        emit Approved(
            grantHash, organisation, grant.revision, grant.datasets, grant.nanoRhoCeilings, grant.notBefore, grant.expiry
        );
    }

    /// @notice Records a revocation, for good, of a grant in any state. Signed by any one member of the organisation, or
    /// who approved for it.
    /// @param grantHash Hash of the grant document.
    /// @param committeeSignature EIP-712 signature of GrantRevocation.
    function revoke(bytes32 grantHash, bytes calldata committeeSignature) external {
        (address signer, Grant storage grant) =
            _decide(grantHash, keccak256(abi.encode(REVOCATION_TYPEHASH, grantHash, _genesisHash)), committeeSignature);
        require(
            grant.status != Status.NONE && grant.status != Status.REVOKED, WrongStatus(grantHash, grant.status)
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

    function _checkTerms(
        bytes32[] calldata datasets,
        uint64[] calldata nanoRhoCeilings,
        uint64 notBefore,
        uint64 expiry
    ) private view {
        require(
            datasets.length == nanoRhoCeilings.length && datasets.length != 0 && datasets.length <= MAX_DATASETS,
            UnevenTerms(datasets.length, nanoRhoCeilings.length)
        );
        for (uint256 i = 1; i < datasets.length; i++) require(datasets[i] > datasets[i - 1], DatasetOrder(i));
        require(notBefore < expiry, EmptyPeriod(notBefore, expiry));
        require(block.timestamp < expiry, GrantExpired(expiry));
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

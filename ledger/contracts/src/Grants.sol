// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Registry, COMMITTEE} from "./Registry.sol";
import {SignedDocuments} from "./SignedDocuments.sol";

/// @title Which studies a committee has approved, and under what ceilings.
/// @notice Holds hashes of grant documents; the documents themselves stay off chain.
/// @dev Committees sign, anybody may carry their signatures here. A hash is approved at most once: a revised grant is
/// another document with another hash, and revocation is for good, so an old signature carried here again revives
/// nothing. It does not protect against a committee member whose key was stolen, only shows what was done with it.
contract Grants is SignedDocuments {
    /// @notice What has become of a grant.
    enum Status {
        NONE,
        ACTIVE,
        REVOKED
    }

    /// @notice A grant as recorded here.
    struct Grant {
        Status status;
        /// Revision of the document, counted by the committee.
        uint64 revision;
        /// Unix seconds; the grant holds from then on.
        uint64 notBefore;
        /// Unix seconds; the grant holds until just before then.
        uint64 expiry;
        /// Block number of the approval.
        uint64 approvedAt;
        /// Block number of the revocation; zero if there was none.
        uint64 revokedAt;
        /// Member who signed the approval.
        address committee;
        /// Organisation of that member when she signed.
        bytes32 organisation;
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
    /// @notice Greatest number of datasets in one grant.
    uint256 public constant MAX_DATASETS = 64;

    /// @notice Who sits on a committee.
    Registry public immutable registry;
    bytes32 private immutable _genesisHash;

    mapping(bytes32 grantHash => Grant) private _grants;

    /// @notice A grant was approved.
    /// @param grantHash Hash of the grant document.
    /// @param committee Member who signed.
    /// @param organisation Her organisation.
    /// @param revision Revision of the document.
    /// @param datasets Hash of each dataset's identifier.
    /// @param nanoRhoCeilings Greatest privacy loss at each dataset, in nano-rho.
    /// @param notBefore Unix seconds, inclusive.
    /// @param expiry Unix seconds, exclusive.
    event Approved(
        bytes32 indexed grantHash,
        address indexed committee,
        bytes32 indexed organisation,
        uint64 revision,
        bytes32[] datasets,
        uint64[] nanoRhoCeilings,
        uint64 notBefore,
        uint64 expiry
    );
    /// @notice A grant was revoked.
    /// @param grantHash Hash of the grant document.
    /// @param committee Member who signed the revocation.
    event Revoked(bytes32 indexed grantHash, address indexed committee);

    /// @notice The signer does not hold the role COMMITTEE.
    error NotCommittee(address signer);
    /// @notice The signer sits on another committee than the one that approved.
    error OtherCommittee(address signer);
    /// @notice The hash was approved before, whether or not it has been revoked since.
    error AlreadyApproved(bytes32 grantHash);
    /// @notice The grant is not active: never approved, or already revoked.
    error NotActive(bytes32 grantHash);
    /// @notice No document is named.
    error ZeroGrant();
    /// @notice Datasets and ceilings are not lists of the same length from 1 to MAX_DATASETS.
    error UnevenTerms(uint256 datasets, uint256 ceilings);
    /// @notice The dataset does not come strictly after the one before it.
    error DatasetOrder(uint256 index);
    /// @notice The period is empty.
    error EmptyPeriod(uint64 notBefore, uint64 expiry);
    /// @notice The period is over.
    error GrantExpired(uint64 expiry);

    /// @param registry_ Who takes part.
    constructor(Registry registry_) {
        registry = registry_;
        _genesisHash = registry_.genesisHash();
    }

    /// @notice Records a committee's approval. The signature covers every argument.
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
        bytes32 termsHash = keccak256(abi.encode(datasets, nanoRhoCeilings, notBefore, expiry));
        (address signer, bytes32 organisation) = _member(
            keccak256(abi.encode(TERMS_TYPEHASH, grantHash, revision, _genesisHash, expiry, termsHash)),
            committeeSignature
        );
        require(_grants[grantHash].status == Status.NONE, AlreadyApproved(grantHash));
        _grants[grantHash] = Grant({
            status: Status.ACTIVE,
            revision: revision,
            notBefore: notBefore,
            expiry: expiry,
            approvedAt: uint64(block.number),
            revokedAt: 0,
            committee: signer,
            organisation: organisation,
            datasets: datasets,
            nanoRhoCeilings: nanoRhoCeilings
        });
        emit Approved(grantHash, signer, organisation, revision, datasets, nanoRhoCeilings, notBefore, expiry);
    }

    /// @notice Records a revocation, for good. Signed by the member who approved or another of her organisation.
    /// @param grantHash Hash of the grant document.
    /// @param committeeSignature EIP-712 signature of GrantRevocation.
    function revoke(bytes32 grantHash, bytes calldata committeeSignature) external {
        (address signer, bytes32 organisation) =
            _member(keccak256(abi.encode(REVOCATION_TYPEHASH, grantHash, _genesisHash)), committeeSignature);
        Grant storage grant = _grants[grantHash];
        require(grant.status == Status.ACTIVE, NotActive(grantHash));
        require(signer == grant.committee || organisation == grant.organisation, OtherCommittee(signer));
        grant.status = Status.REVOKED;
        grant.revokedAt = uint64(block.number);
        emit Revoked(grantHash, signer);
    }

    /// @notice The grant; all zero when its hash is unknown. ACTIVE does not look at the clock: compare the period.
    function get(bytes32 grantHash) external view returns (Grant memory) {
        return _grants[grantHash];
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

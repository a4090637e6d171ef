// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Registry, MARKETPLACE, PROVIDER} from "./Registry.sol";

/// @title Roots of append-only logs, fixed in time.
/// @notice One root an interval, however many patients and receipts stand behind it. And how much privacy loss a provider
/// may spend at a dataset before it must come back: after a restore from a backup it counts as spent.
/// @dev The contract names the logs itself, by the caller and the kind of log (see logIdOf), so that nobody can write
/// to, take or block the log of another. It sees roots only: that a root extends the one before it is proven off
/// chain, with the log's consistency proofs. It does not protect against a keeper who anchors one of her logs and
/// shows another, of a kind of her own making: who relies on an anchor must say which kind it is of. A keeper with a
/// new key begins new logs.
///
/// STORAGE LAYOUT, relied on by proofs: `roots` is at slot 0. The root of (logId, size) is in the one slot
///   keccak256(abi.encode(size, keccak256(abi.encode(logId, uint256(0)))))
/// and zero stands for "not anchored". Anything stored later goes behind it.
contract Anchors {
    /// @notice Root of a log at a size; zero when that size was not anchored.
    mapping(bytes32 logId => mapping(uint64 size => bytes32 root)) public roots;

    /// @notice Newest anchored size of a log; zero as well when nothing was anchored.
    mapping(bytes32 logId => uint64 size) public newest;

    /// @dev By Registry.identityOf the provider, so that a new key does not begin at zero.
    mapping(address identity => mapping(bytes32 dataset => uint64 nanoRho)) private _allowances;

    /// @notice Who may anchor.
    Registry public immutable registry;

    /// @notice A root was anchored.
    /// @param logId Log: logIdOf(keeper, kind).
    /// @param keeper Account that keeps the log.
    /// @param size Number of leaves under the root.
    /// @param kind Kind of log.
    /// @param root Root hash.
    event Anchored(bytes32 indexed logId, address indexed keeper, uint64 indexed size, bytes32 kind, bytes32 root);

    /// @notice A provider raised its spend allowance.
    /// @param provider Account of the provider.
    /// @param dataset Hash of the dataset's identifier.
    /// @param nanoRho Privacy loss it may spend there in all, in nano-rho.
    event Allowed(address indexed provider, bytes32 indexed dataset, uint64 nanoRho);

    /// @notice The caller holds neither MARKETPLACE nor PROVIDER.
    error NotAnchorer(address caller);
    /// @notice The root is zero.
    error ZeroRoot();
    /// @notice The log was already anchored with more leaves.
    error SizeFell(uint64 latest, uint64 size);
    /// @notice Another root was anchored at the same size.
    error RootConflict(bytes32 anchored, bytes32 root);
    /// @notice The caller does not hold the role PROVIDER.
    error NotAllower(address caller);
    /// @notice No dataset is named.
    error ZeroDataset();
    /// @notice The allowance was greater before.
    error AllowanceFell(uint64 allowed, uint64 nanoRho);

    /// @param registry_ Who takes part.
    constructor(Registry registry_) {
        registry = registry_;
    }

    /// @notice Anchors a root of the caller's log of a kind. Anchoring the newest one again changes nothing.
    /// @param kind Kind of log: SHA-256 of its name, such as "receipts".
    /// @param size Number of leaves under the root.
    /// @param root Root hash.
    function anchor(bytes32 kind, uint64 size, bytes32 root) external {
        require(registry.holds(msg.sender, MARKETPLACE | PROVIDER), NotAnchorer(msg.sender));
        require(root != 0, ZeroRoot());
        bytes32 logId = logIdOf(msg.sender, kind);
        uint64 latest = newest[logId];
        require(size >= latest, SizeFell(latest, size));
        bytes32 anchored = roots[logId][size];
        if (anchored == root) return;
        require(anchored == 0, RootConflict(anchored, root));
        roots[logId][size] = root;
        newest[logId] = size;
        emit Anchored(logId, msg.sender, size, kind, root);
    }

    /// @notice Raises the caller's spend allowance for a dataset. The same again changes nothing.
    /// @dev For a caller who spends only within an allowance that is final, "spent := allowance" after a restore from a
    /// backup never counts too little. Whether she does so, the chain cannot see.
    /// @param dataset Hash of the dataset's identifier.
    /// @param nanoRho Privacy loss she may spend there in all, in nano-rho.
    function allow(bytes32 dataset, uint64 nanoRho) external {
        require(registry.holds(msg.sender, PROVIDER), NotAllower(msg.sender));
        require(dataset != 0, ZeroDataset());
        address identity = registry.identityOf(msg.sender);
        uint64 allowed = _allowances[identity][dataset];
        require(nanoRho >= allowed, AllowanceFell(allowed, nanoRho));
        if (nanoRho == allowed) return;
        _allowances[identity][dataset] = nanoRho;
        emit Allowed(msg.sender, dataset, nanoRho);
    }

    /// @notice Privacy loss, in nano-rho, that a provider may spend at a dataset in all.
    /// @param provider Any account of the provider, a retired one too.
    /// @param dataset Hash of the dataset's identifier.
    function allowance(address provider, bytes32 dataset) external view returns (uint64) {
        return _allowances[registry.identityOf(provider)][dataset];
    }

    /// @notice Name of the one log of a kind that an account keeps.
    /// @param keeper Account that keeps the log.
    /// @param kind Kind of log: SHA-256 of its name.
    function logIdOf(address keeper, bytes32 kind) public pure returns (bytes32) {
        return keccak256(abi.encode(keeper, kind));
    }
}

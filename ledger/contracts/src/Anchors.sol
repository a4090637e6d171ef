// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {Registry, MARKETPLACE, PROVIDER} from "./Registry.sol";

/// @title Roots of append-only logs, fixed in time.
/// @notice One root an interval, however many patients and receipts stand behind it.
/// @dev A log belongs to the account that anchored it first. The contract sees roots only: that a root extends the one
/// before it is proven off chain, with the log's consistency proofs. It does not protect against a participant who
/// takes an unused log identifier before its owner does; the owner sees it and takes another.
///
/// STORAGE LAYOUT, relied on by proofs: `roots` is at slot 0. The root of (logId, size) is in the one slot
///   keccak256(abi.encode(size, keccak256(abi.encode(logId, uint256(0)))))
/// and zero stands for "not anchored". Anything stored later goes behind it.
contract Anchors {
    /// @notice Root of a log at a size; zero when that size was not anchored.
    mapping(bytes32 logId => mapping(uint64 size => bytes32 root)) public roots;

    /// @dev Owner and newest size of a log: one slot.
    struct Log {
        address owner;
        uint64 size;
    }

    mapping(bytes32 logId => Log) private _logs;

    /// @notice Who may anchor.
    Registry public immutable registry;

    /// @notice A root was anchored.
    /// @param logId Log.
    /// @param size Number of leaves under the root.
    /// @param root Root hash.
    /// @param owner Account the log belongs to.
    event Anchored(bytes32 indexed logId, uint64 indexed size, bytes32 root, address indexed owner);

    /// @notice The caller holds neither MARKETPLACE nor PROVIDER.
    error NotAnchorer(address caller);
    /// @notice The log belongs to another account.
    error NotLogOwner(bytes32 logId, address owner);
    /// @notice The root is zero.
    error ZeroRoot();
    /// @notice The log was already anchored with more leaves.
    error SizeFell(uint64 latest, uint64 size);
    /// @notice Another root was anchored at the same size.
    error RootConflict(bytes32 anchored, bytes32 root);

    /// @param registry_ Who takes part.
    constructor(Registry registry_) {
        registry = registry_;
    }

    /// @notice Anchors a root of a log of the caller's. Anchoring the newest one again changes nothing.
    /// @param logId Log; the first to use an identifier owns it.
    /// @param size Number of leaves under the root.
    /// @param root Root hash.
    function anchor(bytes32 logId, uint64 size, bytes32 root) external {
        require(registry.holds(msg.sender, MARKETPLACE | PROVIDER), NotAnchorer(msg.sender));
        Log memory log = _logs[logId];
        require(log.owner == msg.sender || log.owner == address(0), NotLogOwner(logId, log.owner));
        require(root != 0, ZeroRoot());
        require(size >= log.size, SizeFell(log.size, size));
        bytes32 anchored = roots[logId][size];
        if (anchored == root) return;
        require(anchored == 0, RootConflict(anchored, root));
        roots[logId][size] = root;
        _logs[logId] = Log(msg.sender, size);
        emit Anchored(logId, size, root, msg.sender);
    }

    /// @notice Owner and newest anchored size of a log; all zero when nothing was anchored.
    function latest(bytes32 logId) external view returns (address owner, uint64 size) {
        Log memory log = _logs[logId];
        return (log.owner, log.size);
    }
}

// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Registry, MARKETPLACE, PROVIDER} from "./Registry.sol";

/// @title Roots of append-only logs, fixed in time.
/// @notice One root an interval, however many patients and receipts stand behind it.
/// @dev The contract names the logs itself, by the caller and the kind of log (see logIdOf), so that nobody can write
/// to, take or block the log of another. It sees roots only: that a root extends the one before it is proven off
/// chain, with the log's consistency proofs. It does not protect against a keeper who anchors one of her logs and
/// shows another, of a kind of her own making: who relies on an anchor must say which kind it is of.
///
/// STORAGE LAYOUT, relied on by proofs: `roots` is at slot 0. The root of (logId, size) is in the one slot
///   keccak256(abi.encode(size, keccak256(abi.encode(logId, uint256(0)))))
/// and zero stands for "not anchored". Anything stored later goes behind it.
contract Anchors {
    /// @notice Root of a log at a size; zero when that size was not anchored.
    mapping(bytes32 logId => mapping(uint64 size => bytes32 root)) public roots;

    /// @notice Newest anchored size of a log; zero as well when nothing was anchored.
    mapping(bytes32 logId => uint64 size) public newest;

    /// @notice Who may anchor.
    Registry public immutable registry;

    /// @notice A root was anchored.
    /// @param logId Log: logIdOf(keeper, kind).
    /// @param keeper Account that keeps the log.
    /// @param size Number of leaves under the root.
    /// @param kind Kind of log.
    /// @param root Root hash.
    event Anchored(bytes32 indexed logId, address indexed keeper, uint64 indexed size, bytes32 kind, bytes32 root);

    /// @notice The caller holds neither MARKETPLACE nor PROVIDER.
    error NotAnchorer(address caller);
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

    /// @notice Name of the one log of a kind that an account keeps.
    /// @param keeper Account that keeps the log.
    /// @param kind Kind of log: SHA-256 of its name.
    function logIdOf(address keeper, bytes32 kind) public pure returns (bytes32) {
        return keccak256(abi.encode(keeper, kind));
    }
}

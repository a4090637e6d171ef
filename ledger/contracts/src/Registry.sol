// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// Roles a participant may hold; a bit mask, so that one account may hold several.
uint32 constant RESEARCHER = 1;
uint32 constant COMMITTEE = 2;
uint32 constant PROVIDER = 4;
uint32 constant MARKETPLACE = 8;
uint32 constant STEWARD = 16;
uint32 constant OPERATOR = 32;

/// @title Who takes part, and as what.
/// @notice Holds organisations' and researchers' accounts, never patients.
/// @dev Trusts its operators: an operator may name any account anything. What an operator did is public in the
/// events. It does not protect against a stolen operator key.
contract Registry {
    /// @notice Hash of block 0. Signed documents name it, which binds them to this chain.
    bytes32 public immutable genesisHash;

    /// @notice One account's entry.
    struct Participant {
        /// Bit mask of the roles; zero for an unknown account.
        uint32 roles;
        /// Hash naming the organisation the account acts for; zero for an unknown account.
        bytes32 organisation;
    }

    mapping(address => Participant) private _participants;

    /// @notice An account was registered, or its entry was replaced.
    /// @param account The account.
    /// @param roles Its roles from now on.
    /// @param organisation Its organisation from now on.
    /// @param by The operator who did it.
    event Registered(address indexed account, uint32 roles, bytes32 indexed organisation, address indexed by);

    /// @notice An account lost all its roles.
    /// @param account The account.
    /// @param by The operator who did it.
    event Removed(address indexed account, address indexed by);

    /// @notice The caller is not an operator.
    error NotOperator(address caller);
    /// @notice The roles are zero or contain an unknown bit.
    error BadRoles(uint32 roles);
    /// @notice Account or organisation is zero, or the genesis hash is.
    error ZeroValue();
    /// @notice The account is not registered.
    error NotRegistered(address account);
    /// @notice Operators cannot give up their own role: another operator must take it, so one always remains.
    error OwnOperatorRole();

    /// @param operator The first operator.
    /// @param organisation The first operator's organisation.
    /// @param genesis Hash of block 0 of this chain.
    constructor(address operator, bytes32 organisation, bytes32 genesis) {
        require(genesis != 0, ZeroValue());
        genesisHash = genesis;
        _set(operator, OPERATOR, organisation);
    }

    /// @notice Registers an account, or replaces its entry.
    /// @param account The account.
    /// @param roles All the roles it shall hold.
    /// @param organisation Hash naming its organisation.
    function register(address account, uint32 roles, bytes32 organisation) external {
        _onlyOperator();
        require(account != msg.sender || roles & OPERATOR != 0, OwnOperatorRole());
        _set(account, roles, organisation);
    }

    /// @notice Removes an account: it holds no role afterwards. What it did stays.
    /// @param account The account.
    function remove(address account) external {
        _onlyOperator();
        require(account != msg.sender, OwnOperatorRole());
        require(_participants[account].roles != 0, NotRegistered(account));
        delete _participants[account];
        emit Removed(account, msg.sender);
    }

    /// @notice The entry of an account; all zero when it is unknown.
    function participant(address account) external view returns (Participant memory) {
        return _participants[account];
    }

    /// @notice Whether the account holds at least one role of the mask.
    function holds(address account, uint32 roles) external view returns (bool) {
        return _participants[account].roles & roles != 0;
    }

    function _onlyOperator() private view {
        require(_participants[msg.sender].roles & OPERATOR != 0, NotOperator(msg.sender));
    }

    function _set(address account, uint32 roles, bytes32 organisation) private {
        require(account != address(0) && organisation != 0, ZeroValue());
        require(roles != 0 && roles < OPERATOR << 1, BadRoles(roles));
        _participants[account] = Participant(roles, organisation);
        emit Registered(account, roles, organisation, msg.sender);
    }
}

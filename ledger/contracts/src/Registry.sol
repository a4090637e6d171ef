// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Signers} from "./Signers.sol";

// Roles a participant may hold; a bit mask, so that one account may hold several.
uint32 constant RESEARCHER = 1;
uint32 constant COMMITTEE = 2;
uint32 constant PROVIDER = 4;
uint32 constant MARKETPLACE = 8;
uint32 constant STEWARD = 16;
uint32 constant OPERATOR = 32;

/// @title Who takes part, and as what.
/// @notice Holds organisations' and researchers' accounts, never patients.
/// @dev Trusts its operators: an operator may name any account anything, but for the signers of checkpoints (see
/// Signers). What an operator did is public in the events. It does not protect against a stolen operator key.
///
/// A participant may move to a new key, and an operator may replace a key that was lost; the new key signs that it
/// takes the old one's place. The old account is retired for good; `identityOf` is the same for all accounts of one participant, and `currentOf` the one in use.
contract Registry is Signers {
    /// @notice One account's entry.
    struct Participant {
        /// Bit mask of the roles; zero for an account that is unknown, removed or retired.
        uint32 roles;
        /// Hash naming the organisation the account acts for, or last did; zero for one that was never registered.
        bytes32 organisation;
    }

    /// @notice One of the first signers of checkpoints.
    struct FirstSigner {
        address account;
        bytes32 organisation;
    }

    bytes32 private constant ROTATION_TYPEHASH =
        keccak256("KeyRotation(address account,address next,bytes32 genesisHash)");
    /// @notice Greatest number of approvals a committee may be made to give.
    uint8 public constant MAX_APPROVALS = 16;

    mapping(address => Participant) private _participants;
    /// First account of the participant; zero for the first account itself.
    mapping(address account => address identity) private _identity;
    /// Newest account of the participant; zero while that is the first one.
    mapping(address identity => address account) private _current;
    mapping(bytes32 organisation => uint8) private _approvals;

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
    /// @notice A participant's roles moved to a new account; the old one is retired.
    /// @param account The old account.
    /// @param next The new account.
    /// @param by Who did it: the old account, or the operator who replaced a lost key.
    event Rotated(address indexed account, address indexed next, address indexed by);
    /// @notice How many members of a committee must approve a grant was set.
    /// @param organisation The committee's organisation.
    /// @param approvals The number from now on.
    /// @param by The operator who did it.
    event ApprovalsSet(bytes32 indexed organisation, uint8 approvals, address indexed by);

    /// @notice The caller is not an operator.
    error NotOperator(address caller);
    /// @notice The roles are zero or contain an unknown bit.
    error BadRoles(uint32 roles);
    /// @notice The account is not registered.
    error NotRegistered(address account);
    /// @notice Operators cannot give up their own role: another operator must take it, so one always remains.
    error OwnOperatorRole();
    /// @notice The participant has moved to another account.
    error Retired(address account);
    /// @notice The new account was registered at some time.
    error NotNew(address account);
    /// @notice The account, old or new, did not sign the rotation.
    error ForgedRotation(address account, address signer);
    /// @notice The number of approvals is not from 1 to MAX_APPROVALS.
    error BadApprovals(uint8 approvals);

    /// @param operator The first operator.
    /// @param organisation The first operator's organisation.
    /// @param genesis Hash of block 0 of this chain.
    /// @param firstSigners The first signers of checkpoints, who become providers.
    constructor(address operator, bytes32 organisation, bytes32 genesis, FirstSigner[] memory firstSigners)
        Signers(genesis)
    {
        _set(operator, OPERATOR, organisation);
        for (uint256 i; i < firstSigners.length; i++) {
            address account = firstSigners[i].account;
            _set(account, _participants[account].roles | PROVIDER, firstSigners[i].organisation);
            _addSigner(account);
        }
    }

    /// @notice Registers an account, or replaces its entry.
    /// @param account The account.
    /// @param roles All the roles it shall hold.
    /// @param organisation Hash naming its organisation.
    function register(address account, uint32 roles, bytes32 organisation) external {
        _onlyOperator();
        require(account != msg.sender || roles & OPERATOR != 0, OwnOperatorRole());
        require(currentOf(account) == account, Retired(account));
        require(roles & PROVIDER != 0 || !isSigner(account), IsSigner(account));
        _set(account, roles, organisation);
    }

    /// @notice Removes an account: it holds no role afterwards. What it did stays.
    /// @param account The account.
    function remove(address account) external {
        _onlyOperator();
        require(account != msg.sender, OwnOperatorRole());
        require(_participants[account].roles != 0, NotRegistered(account));
        require(!isSigner(account), IsSigner(account));
        _participants[account].roles = 0;
        emit Removed(account, msg.sender);
    }

    /// @notice Moves the caller's roles, and its seat among the signers, to a new account.
    /// @param next The new account, never registered before.
    /// @param acceptance EIP-712 signature of KeyRotation by the new account.
    function rotate(address next, bytes calldata acceptance) external {
        _rotate(msg.sender, next, acceptance);
        emit Rotated(msg.sender, next, msg.sender);
    }

    /// @notice As rotate, for an account that signs and pays for no transaction. Anybody may carry the signatures.
    /// @param account The old account.
    /// @param next The new account, never registered before.
    /// @param signature EIP-712 signature of KeyRotation by the old account.
    /// @param acceptance The same by the new account.
    function rotateSigned(address account, address next, bytes calldata signature, bytes calldata acceptance) external {
        _onlySigned(account, account, next, signature);
        _rotate(account, next, acceptance);
        emit Rotated(account, next, account);
    }

    /// @notice Replaces a key that its holder has lost. Not for signers: they are voted out and in.
    /// @param account The old account.
    /// @param next The new account, never registered before.
    /// @param acceptance EIP-712 signature of KeyRotation by the new account.
    function replace(address account, address next, bytes calldata acceptance) external {
        _onlyOperator();
        require(!isSigner(account), IsSigner(account));
        _rotate(account, next, acceptance);
        emit Rotated(account, next, msg.sender);
    }

    /// @notice Sets how many members of a committee must approve a grant, or its resumption. 1 until it is set.
    /// @param organisation The committee's organisation.
    /// @param approvals The number.
    function setApprovals(bytes32 organisation, uint8 approvals) external {
        _onlyOperator();
        require(organisation != 0, ZeroValue());
        require(approvals != 0 && approvals <= MAX_APPROVALS, BadApprovals(approvals));
        _approvals[organisation] = approvals;
        emit ApprovalsSet(organisation, approvals, msg.sender);
    }

    /// @notice How many members of a committee must approve a grant, or its resumption.
    function approvalsOf(bytes32 organisation) external view returns (uint8) {
        uint8 approvals = _approvals[organisation];
        return approvals == 0 ? 1 : approvals;
    }

    /// @notice The entry of an account; all zero when it was never registered.
    function participant(address account) external view returns (Participant memory) {
        return _participants[account];
    }

    /// @notice Whether the account holds at least one role of the mask.
    function holds(address account, uint32 roles) external view returns (bool) {
        return _participants[account].roles & roles != 0;
    }

    /// @notice The first account of the participant: the account itself if it was never rotated to.
    function identityOf(address account) public view returns (address) {
        address identity = _identity[account];
        return identity == address(0) ? account : identity;
    }

    /// @notice The account that the participant uses now: the account itself if it was never rotated.
    function currentOf(address account) public view override returns (address) {
        address identity = identityOf(account);
        address current = _current[identity];
        return current == address(0) ? identity : current;
    }

    function _isProvider(address account) internal view override returns (bool) {
        return _participants[account].roles & PROVIDER != 0;
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

    /// @dev A retired account has no roles and never gets any, so neither can it be rotated again, nor does a signed
    /// rotation of it do anything a second time. The new account must want it: otherwise anybody could make another's
    /// account the successor of her own, and then have it answer for what her key signs (removeOffender).
    function _rotate(address account, address next, bytes calldata acceptance) private {
        Participant memory entry = _participants[account];
        require(entry.roles != 0, NotRegistered(account));
        require(next != address(0), ZeroValue());
        require(_participants[next].organisation == 0, NotNew(next));
        _onlySigned(next, account, next, acceptance);
        _participants[account].roles = 0;
        _participants[next] = entry;
        address identity = identityOf(account);
        _identity[next] = identity;
        _current[identity] = next;
        if (offended[account]) offended[next] = true;
        if (isSigner(account)) _moveSigner(account, next);
    }

    function _onlySigned(address by, address account, address next, bytes calldata signature) private view {
        address signer = _signer(keccak256(abi.encode(ROTATION_TYPEHASH, account, next, genesisHash)), signature);
        require(signer == by, ForgedRotation(by, signer));
    }
}

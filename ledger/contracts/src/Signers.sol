// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {SignedDocuments} from "./SignedDocuments.sol";

/// @title Whose votes make a checkpoint of this chain final.
/// @notice A set of providers' accounts. It changes by the votes of its members, by a member's move to a new key, and by
/// proof that a member voted for two histories. No operator can change it.
/// @dev Nodes read `signers` in the state of the last final block. Of n signers, threshold() = floor(2n/3)+1 must agree,
/// as in Casper FFG. The first signers are named when the contract is made; without any there never are, and the
/// last one stays. It does not protect against that many signers who act together; and of up to three signers
/// none may lose her key, for then the others are too few to vote her out.
abstract contract Signers is SignedDocuments {
    /// @notice A signer's word that the target block should be final after the source block.
    struct CheckpointVote {
        uint64 sourceNumber;
        bytes32 sourceHash;
        uint64 targetNumber;
        bytes32 targetHash;
    }

    bytes32 private constant VOTE_TYPEHASH = keccak256(
        "CheckpointVote(uint64 sourceNumber,bytes32 sourceHash,uint64 targetNumber,bytes32 targetHash,bytes32 genesisHash)"
    );
    /// @notice Greatest number of signers.
    uint256 public constant MAX_SIGNERS = 64;

    /// @notice Hash of block 0. Signed documents name it, which binds them to this chain.
    bytes32 public immutable genesisHash;
    /// @notice Whether a signer was removed by evidence. She cannot be voted in again, with no later key either.
    mapping(address account => bool) public offended;

    address[] private _signers;
    /// One more than the account's index in _signers; zero for who is no signer.
    mapping(address account => uint256) private _seats;
    /// Counts the changes of an account's seat, so that a vote counts for one change only.
    mapping(address account => uint256) private _ballots;
    /// The signer's own ballot when she voted: one who left and came back has not voted.
    mapping(address account => mapping(uint256 ballot => mapping(address signer => uint256))) private _votes;

    /// @notice A signer voted on an account.
    /// @param account Whom the vote is about.
    /// @param member Whether it shall be a signer.
    /// @param by The signer who voted.
    event SignerVoted(address indexed account, bool member, address indexed by);
    /// @notice An account became a signer.
    event SignerAdded(address indexed account);
    /// @notice An account is no signer any more.
    event SignerRemoved(address indexed account);
    /// @notice A signer was removed because she voted for two histories; the votes are in the transaction.
    /// @param account Who was removed.
    /// @param voter The key that signed both votes: `account`, or one that it replaced.
    event OffenderRemoved(address indexed account, address indexed voter);

    /// @notice The account is no signer.
    error NotSigner(address account);
    /// @notice The account is a signer: only the signers' votes decide on it.
    error IsSigner(address account);
    /// @notice Only holders of the role PROVIDER can be signers.
    error NotProvider(address account);
    /// @notice The account was removed by evidence once.
    error Offender(address account);
    /// @notice There are MAX_SIGNERS signers.
    error TooManySigners();
    /// @notice The last signer stays.
    error LastSigner(address account);
    /// @notice The votes are of two accounts.
    error DifferentVoters(address first, address second);
    /// @notice An honest signer may have signed both votes.
    error NoConflict();
    /// @notice The genesis hash, an account or an organisation is zero.
    error ZeroValue();

    /// @param genesis Hash of block 0 of this chain.
    constructor(bytes32 genesis) {
        require(genesis != 0, ZeroValue());
        genesisHash = genesis;
    }

    /// @notice Votes for an account to become a signer, or to be one no longer. It does so once threshold() of the
    /// present signers have voted for it. A vote for things as they are takes an earlier vote back.
    /// @param account Whom the vote is about.
    /// @param member Whether it shall be a signer.
    function voteSigner(address account, bool member) external {
        require(isSigner(msg.sender), NotSigner(msg.sender));
        bool change = member != isSigner(account);
        if (member && change) {
            require(_isProvider(account), NotProvider(account));
            require(!offended[account], Offender(account));
        }
        uint256 ballot = _ballots[account];
        _votes[account][ballot][msg.sender] = change ? _ballots[msg.sender] : 0;
        emit SignerVoted(account, member, msg.sender);
        if (!change || _countVotes(account, ballot) < threshold()) return;
        if (member) _addSigner(account);
        else _removeSigner(account);
    }

    /// @notice Removes a signer who signed two votes that no honest signer signs both: different ones for the same target
    /// number, or one that surrounds the other (Casper FFG, the two commandments). Anybody may bring them. Votes
    /// by a key that the signer has replaced since count against her.
    /// @param first A vote.
    /// @param firstSignature EIP-712 signature of the first vote.
    /// @param second Another vote.
    /// @param secondSignature EIP-712 signature of the second vote, by the same key.
    function removeOffender(
        CheckpointVote calldata first,
        bytes calldata firstSignature,
        CheckpointVote calldata second,
        bytes calldata secondSignature
    ) external {
        address voter = _signer(_voteHash(first), firstSignature);
        address other = _signer(_voteHash(second), secondSignature);
        require(voter == other, DifferentVoters(voter, other));
        require(_conflict(first, second), NoConflict());
        address account = currentOf(voter);
        require(isSigner(account), NotSigner(account));
        offended[account] = true;
        emit OffenderRemoved(account, voter);
        _removeSigner(account);
    }

    /// @notice The signers, in no order.
    function signers() external view returns (address[] memory) {
        return _signers;
    }

    /// @notice Whether the account is a signer.
    function isSigner(address account) public view returns (bool) {
        return _seats[account] != 0;
    }

    /// @notice How many signers must agree.
    function threshold() public view returns (uint256) {
        return _signers.length * 2 / 3 + 1;
    }

    /// @notice Which account the holder of the given one uses now.
    function currentOf(address account) public view virtual returns (address);

    /// @dev Whether the account holds the role PROVIDER.
    function _isProvider(address account) internal view virtual returns (bool);

    function _addSigner(address account) internal {
        require(!isSigner(account), IsSigner(account));
        require(_signers.length < MAX_SIGNERS, TooManySigners());
        _signers.push(account);
        _seats[account] = _signers.length;
        _ballots[account]++;
        emit SignerAdded(account);
    }

    /// @dev Gives the seat of a signer to her next account.
    function _moveSigner(address account, address next) internal {
        uint256 seat = _seats[account];
        _signers[seat - 1] = next;
        (_seats[account], _seats[next]) = (0, seat);
        _ballots[account]++;
        _ballots[next]++;
        emit SignerRemoved(account);
        emit SignerAdded(next);
    }

    function _removeSigner(address account) private {
        uint256 count = _signers.length;
        require(count > 1, LastSigner(account));
        uint256 seat = _seats[account];
        address last = _signers[count - 1];
        _signers[seat - 1] = last;
        _seats[last] = seat;
        _signers.pop();
        delete _seats[account];
        _ballots[account]++;
        emit SignerRemoved(account);
    }

    function _countVotes(address account, uint256 ballot) private view returns (uint256 count) {
        for (uint256 i; i < _signers.length; i++) {
            address signer = _signers[i];
            if (_votes[account][ballot][signer] == _ballots[signer]) count++;
        }
    }

    function _voteHash(CheckpointVote calldata v) private view returns (bytes32) {
        return keccak256(
            abi.encode(VOTE_TYPEHASH, v.sourceNumber, v.sourceHash, v.targetNumber, v.targetHash, genesisHash)
        );
    }

    function _conflict(CheckpointVote calldata v, CheckpointVote calldata w) private view returns (bool) {
        if (v.targetNumber == w.targetNumber) return _voteHash(v) != _voteHash(w);
        return (v.sourceNumber < w.sourceNumber && w.targetNumber < v.targetNumber)
            || (w.sourceNumber < v.sourceNumber && v.targetNumber < w.targetNumber);
    }
}

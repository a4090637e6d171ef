// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Headers} from "./Headers.sol";
import {Registry, RESEARCHER, MARKETPLACE} from "./Registry.sol";
import {SignedDocuments} from "./SignedDocuments.sol";

/// @title Query budget earned by sealing this chain.
/// @notice Work is counted in expected hashes, the difficulty of the sealed block. One credit of the marketplace is
/// 2^20 of them; the conversion is the marketplace's, which rounds down what it accepts and up what it charges.
/// @dev A researcher's work moves from credit (hers) to escrow (set aside for one marketplace) to settled (burnt). What is
/// in escrow and not burnt comes back with the marketplace's signature; or, `releaseDelay` blocks after the researcher
/// announced that she wants it, without. Until it is taken back the marketplace may still settle, and must have
/// done so by then; it should accept no new voucher once the announcement is final.
///
/// It relies on the chain for the canonical hash of a block and does not protect against reorganisations deeper than
/// `confirmations`. Of a work of 2^64 and more only the first 2^64-1 can ever be settled with one marketplace.
contract WorkBudget is SignedDocuments {
    /// @notice A researcher's promise to pay one marketplace, in all since the beginning.
    struct Voucher {
        /// Who pays and signed.
        address researcher;
        /// Who is paid.
        address marketplace;
        /// Work the marketplace may have burnt in all, in expected hashes. Only the increase is burnt.
        uint64 cumulative;
    }

    /// @dev One researcher with one marketplace: one storage slot.
    struct Account {
        /// Work set aside and not burnt, in expected hashes.
        uint96 escrowed;
        /// Work burnt in all: the cumulative amount of the last voucher settled.
        uint64 settled;
        /// Block from which on the escrow may be taken back; zero while that is not announced.
        uint48 releaseAt;
        /// How often the marketplace gave work back; its next signature must name this number.
        uint48 releases;
    }

    bytes32 private constant VOUCHER_TYPEHASH =
        keccak256("Voucher(address researcher,address marketplace,uint64 cumulative,bytes32 genesisHash)");
    bytes32 private constant RELEASE_TYPEHASH = keccak256(
        "EscrowRelease(address researcher,address marketplace,uint64 work,uint64 releases,bytes32 genesisHash)"
    );
    /// Predeployed contract that keeps block hashes, EIP-2935.
    address private constant HISTORY = 0x0000F90827F1C53a10cb7A02335B175320002935;
    /// Oldest block whose hash HISTORY still has, counted back from the current one.
    uint256 private constant HISTORY_WINDOW = 8191;

    /// @notice Who may earn and who may be paid.
    Registry public immutable registry;
    /// @notice How many blocks must lie on top of a block before its work is credited.
    uint64 public immutable confirmations;
    /// @notice How many blocks after its announcement an escrow may be taken back.
    uint64 public immutable releaseDelay;
    bytes32 private immutable _genesisHash;

    mapping(address researcher => uint256) private _credit;
    mapping(address researcher => mapping(address marketplace => Account)) private _accounts;
    mapping(uint256 word => uint256 bits) private _claimed;

    /// @notice The work of a block was credited.
    /// @param number Block number.
    /// @param blockHash Block hash.
    /// @param researcher Who sealed the block.
    /// @param work Work credited, in expected hashes.
    event WorkCredited(uint256 indexed number, bytes32 indexed blockHash, address indexed researcher, uint256 work);
    /// @notice Work was set aside for a marketplace.
    /// @param researcher Whose work.
    /// @param marketplace For whom.
    /// @param work Work set aside by this call, in expected hashes.
    event Escrowed(address indexed researcher, address indexed marketplace, uint256 work);
    /// @notice Escrowed work was burnt under a voucher.
    /// @param researcher Whose work.
    /// @param marketplace For whom it had been set aside.
    /// @param work Work burnt by this call.
    /// @param cumulative Work burnt in all between the two, including this.
    event Settled(address indexed researcher, address indexed marketplace, uint256 work, uint64 cumulative);
    /// @notice A researcher announced that she will take back what is left in escrow.
    /// @param researcher Whose work.
    /// @param marketplace For whom it had been set aside.
    /// @param releaseAt Block number from which on she may.
    event ReleaseAnnounced(address indexed researcher, address indexed marketplace, uint256 releaseAt);
    /// @notice Work went from escrow back to the researcher's credit.
    /// @param researcher Whose work.
    /// @param marketplace For whom it had been set aside.
    /// @param work Work given back by this call.
    /// @param agreed Whether the marketplace signed; else the time was over.
    event Released(address indexed researcher, address indexed marketplace, uint256 work, bool agreed);
    /// @notice The credit of a retired account went to the account its holder uses now.
    /// @param from The retired account.
    /// @param to The account in use.
    /// @param work Work moved.
    event Inherited(address indexed from, address indexed to, uint256 work);

    /// @notice Fewer than `confirmations` blocks lie on top of the block.
    error TooYoung(uint256 number);
    /// @notice The block is older than the chain remembers.
    error TooOld(uint256 number);
    /// @notice The header is not the one this chain has at its number.
    error NotCanonical(uint256 number);
    /// @notice The hash of the header does not meet the difficulty in its seal.
    error NoWork(uint256 number);
    /// @notice The work of the block was credited before.
    error AlreadyClaimed(uint256 number);
    /// @notice The account does not hold the role RESEARCHER.
    error NotResearcher(address account);
    /// @notice The account does not hold the role MARKETPLACE.
    error NotMarketplace(address account);
    /// @notice No work was named, or no header, or no voucher.
    error Nothing();
    /// @notice More work than the researcher's credit was to be set aside.
    error InsufficientCredit(uint256 credit, uint256 wanted);
    /// @notice There is not one signature for each voucher.
    error UnevenVouchers(uint256 vouchers, uint256 signatures);
    /// @notice The researcher named in the voucher did not sign it.
    error ForgedVoucher(address researcher, address signer);
    /// @notice The voucher is for less than was already settled: a later one is in use.
    error VoucherSuperseded(uint64 settled, uint64 cumulative);
    /// @notice The voucher burns more than is in escrow.
    error InsufficientEscrow(uint256 escrowed, uint256 wanted);

    /// @notice The escrow could be taken back before a settlement can be final.
    error ReleaseDelayTooShort(uint64 releaseDelay, uint64 confirmations);
    /// @notice The caller is not the researcher, nor uses the account she has moved to.
    error NotHolder(address researcher, address caller);
    /// @notice The researcher has not announced that she takes the escrow back.
    error NotAnnounced();
    /// @notice The time since the announcement is not over.
    error ReleaseTooEarly(uint256 releaseAt);
    /// @notice The account that the marketplace uses now did not sign the release.
    error ForgedRelease(address marketplace, address signer);
    /// @notice The release is not the next one between the two.
    error ReleaseSuperseded(uint64 next, uint64 releases);
    /// @notice The account is not retired.
    error NotRetired(address account);

    /// @param registry_ Who takes part.
    /// @param confirmations_ Blocks on top of a block before its work is credited.
    /// @param releaseDelay_ Blocks from the announcement until an escrow may be taken back: more than twice
    /// confirmations_, for a voucher may be accepted until the announcement is final, and must be settled after that.
    constructor(Registry registry_, uint64 confirmations_, uint64 releaseDelay_) {
        require(
            releaseDelay_ > 2 * uint256(confirmations_) && releaseDelay_ < 1 << 32,
            ReleaseDelayTooShort(releaseDelay_, confirmations_)
        );
        registry = registry_;
        confirmations = confirmations_;
        releaseDelay = releaseDelay_;
        _genesisHash = registry_.genesisHash();
    }

    /// @notice Credits the work of one sealed block to its coinbase, or to the account that a retired one's holder uses
    /// now. Anybody may call it.
    /// @param header RLP of the block's header.
    function claim(bytes calldata header) external {
        (address coinbase, uint256 work) = _claim(header);
        address researcher = registry.currentOf(coinbase);
        _onlyResearcher(researcher);
        _credit[researcher] += work;
    }

    /// @notice Credits many blocks, all or none. Cheapest when blocks of one coinbase follow one another.
    /// @param headers RLP of each block's header.
    function claimMany(bytes[] calldata headers) external {
        require(headers.length != 0, Nothing());
        address sealer;
        address researcher;
        uint256 sum;
        for (uint256 i; i < headers.length; i++) {
            (address coinbase, uint256 work) = _claim(headers[i]);
            if (coinbase != sealer || i == 0) {
                if (sum != 0) _credit[researcher] += sum;
                (sealer, researcher, sum) = (coinbase, registry.currentOf(coinbase), 0);
                _onlyResearcher(researcher);
            }
            sum += work;
        }
        _credit[researcher] += sum;
    }

    /// @notice Sets work of the caller aside for one marketplace, which from then on may burn it under her vouchers.
    /// It takes an announcement that she wants the escrow back, back.
    /// @param marketplace For whom.
    /// @param work Work to set aside, in expected hashes.
    function escrow(address marketplace, uint96 work) external {
        require(work != 0, Nothing());
        _onlyResearcher(msg.sender);
        require(registry.holds(marketplace, MARKETPLACE), NotMarketplace(marketplace));
        uint256 available = _credit[msg.sender];
        require(work <= available, InsufficientCredit(available, work));
        _credit[msg.sender] = available - work;
        Account storage account_ = _accounts[msg.sender][marketplace];
        account_.escrowed += work;
        account_.releaseAt = 0;
        emit Escrowed(msg.sender, marketplace, work);
    }

    /// @notice Announces that the researcher will take back what is left in escrow. Announcing it again starts the time
    /// anew. The caller is she, or uses the account that she has moved to.
    /// @param researcher Whose escrow.
    /// @param marketplace For whom it was set aside.
    function announceRelease(address researcher, address marketplace) external {
        require(
            msg.sender == researcher || msg.sender == registry.currentOf(researcher), NotHolder(researcher, msg.sender)
        );
        Account storage account_ = _accounts[researcher][marketplace];
        require(account_.escrowed != 0, Nothing());
        account_.releaseAt = uint48(block.number + releaseDelay);
        emit ReleaseAnnounced(researcher, marketplace, account_.releaseAt);
    }

    /// @notice Gives the escrow back to the researcher's credit when the time since the announcement is over. Anybody may
    /// call it. What was settled stays burnt, and vouchers beyond that are worth nothing until she escrows again.
    /// @param researcher Whose escrow.
    /// @param marketplace For whom it was set aside.
    function withdraw(address researcher, address marketplace) external {
        Account storage account_ = _accounts[researcher][marketplace];
        uint48 releaseAt = account_.releaseAt;
        require(releaseAt != 0, NotAnnounced());
        require(block.number >= releaseAt, ReleaseTooEarly(releaseAt));
        uint96 work = account_.escrowed;
        (account_.escrowed, account_.releaseAt) = (0, 0);
        _credit[researcher] += work;
        emit Released(researcher, marketplace, work, false);
    }

    /// @notice Gives work from escrow back to the researcher's credit, as the marketplace agreed. Anybody may call it.
    /// @param researcher Whose escrow.
    /// @param marketplace For whom it was set aside.
    /// @param work Work to give back, in expected hashes.
    /// @param releases How often the marketplace gave work back before, so that each signature is good once.
    /// @param signature EIP-712 signature of EscrowRelease by the account that the marketplace uses now.
    function release(
        address researcher,
        address marketplace,
        uint64 work,
        uint64 releases,
        bytes calldata signature
    ) external {
        address signer = _signer(
            keccak256(abi.encode(RELEASE_TYPEHASH, researcher, marketplace, work, releases, _genesisHash)), signature
        );
        require(signer == registry.currentOf(marketplace), ForgedRelease(marketplace, signer));
        Account storage account_ = _accounts[researcher][marketplace];
        require(releases == account_.releases, ReleaseSuperseded(account_.releases, releases));
        require(work != 0, Nothing());
        require(work <= account_.escrowed, InsufficientEscrow(account_.escrowed, work));
        account_.escrowed -= work;
        account_.releases++;
        _credit[researcher] += work;
        emit Released(researcher, marketplace, work, true);
    }

    /// @notice Moves the credit of a retired account to the account its holder uses now. Anybody may call it.
    /// @param from The retired account.
    function inherit(address from) external {
        address to = registry.currentOf(from);
        require(to != from, NotRetired(from));
        uint256 work = _credit[from];
        require(work != 0, Nothing());
        _credit[from] = 0;
        _credit[to] += work;
        emit Inherited(from, to, work);
    }

    /// @notice Burns escrowed work under vouchers, all or none. A voucher already settled changes nothing. Anybody may
    /// call it, also for researchers and marketplaces that have been removed since.
    /// @param vouchers The vouchers.
    /// @param signatures The researcher's EIP-712 signature of each.
    function settle(Voucher[] calldata vouchers, bytes[] calldata signatures) external {
        require(vouchers.length != 0, Nothing());
        require(vouchers.length == signatures.length, UnevenVouchers(vouchers.length, signatures.length));
        for (uint256 i; i < vouchers.length; i++) _settle(vouchers[i], signatures[i]);
    }

    /// @notice Work the researcher has earned and not set aside, in expected hashes.
    function credit(address researcher) external view returns (uint256) {
        return _credit[researcher];
    }

    /// @notice What is between a researcher and a marketplace; all zero when nothing ever was.
    function accountOf(address researcher, address marketplace) external view returns (Account memory) {
        return _accounts[researcher][marketplace];
    }

    /// @notice Whether the work of the block with this number was credited.
    function claimed(uint256 number) external view returns (bool) {
        return _claimed[number >> 8] & (1 << (number & 255)) != 0;
    }

    /// @dev Checks a header and marks its block as claimed. The caller checks the role and adds the credit.
    function _claim(bytes calldata header) private returns (address researcher, uint256 work) {
        uint256 number;
        (researcher, number, work) = Headers.decode(header);
        // The block being built is not part of the chain yet: the head is its parent.
        require(number + confirmations < block.number, TooYoung(number));
        bytes32 hash = keccak256(header);
        require(hash == _canonicalHash(number), NotCanonical(number));
        require(work != 0 && uint256(hash) <= type(uint256).max / work, NoWork(number));
        uint256 bits = _claimed[number >> 8];
        uint256 bit = 1 << (number & 255);
        require(bits & bit == 0, AlreadyClaimed(number));
        _claimed[number >> 8] = bits | bit;
        emit WorkCredited(number, hash, researcher, work);
    }

    function _canonicalHash(uint256 number) private view returns (bytes32) {
        if (number + 256 >= block.number) return blockhash(number);
        require(number + HISTORY_WINDOW >= block.number, TooOld(number));
        (bool ok, bytes memory answer) = HISTORY.staticcall(abi.encode(number));
        require(ok && answer.length == 32, TooOld(number));
        return abi.decode(answer, (bytes32));
    }

    function _settle(Voucher calldata voucher, bytes calldata signature) private {
        address signer = _signer(
            keccak256(
                abi.encode(
                    VOUCHER_TYPEHASH, voucher.researcher, voucher.marketplace, voucher.cumulative, _genesisHash
                )
            ),
            signature
        );
        require(signer == voucher.researcher, ForgedVoucher(voucher.researcher, signer));
        Account storage account_ = _accounts[voucher.researcher][voucher.marketplace];
        (uint64 burnt, uint96 held) = (account_.settled, account_.escrowed);
        require(voucher.cumulative >= burnt, VoucherSuperseded(burnt, voucher.cumulative));
        uint64 work = voucher.cumulative - burnt;
        if (work == 0) return;
        require(work <= held, InsufficientEscrow(held, work));
        (account_.escrowed, account_.settled) = (held - work, voucher.cumulative);
        emit Settled(voucher.researcher, voucher.marketplace, work, voucher.cumulative);
    }

    function _onlyResearcher(address account) private view {
        require(registry.holds(account, RESEARCHER), NotResearcher(account));
    }
}

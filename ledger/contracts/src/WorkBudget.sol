// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Headers} from "./Headers.sol";
import {Registry, RESEARCHER, MARKETPLACE} from "./Registry.sol";
import {SignedDocuments} from "./SignedDocuments.sol";

/// @title Query budget earned by sealing this chain.
/// @notice Work is counted in expected hashes, the difficulty of the sealed block. One credit of the marketplace is
/// 2^20 of them; the conversion is the marketplace's, which rounds down what it accepts and up what it charges.
/// @dev A researcher's work moves one way: credit (hers) to escrow (set aside for one marketplace) to settled (burnt).
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
        uint128 escrowed;
        uint64 settled;
    }

    bytes32 private constant VOUCHER_TYPEHASH =
        keccak256("Voucher(address researcher,address marketplace,uint64 cumulative,bytes32 genesisHash)");
    /// Predeployed contract that keeps block hashes, EIP-2935.
    address private constant HISTORY = 0x0000F90827F1C53a10cb7A02335B175320002935;
    /// Oldest block whose hash HISTORY still has, counted back from the current one.
    uint256 private constant HISTORY_WINDOW = 8191;

    /// @notice Who may earn and who may be paid.
    Registry public immutable registry;
    /// @notice How many blocks must lie on top of a block before its work is credited.
    uint64 public immutable confirmations;
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

    /// @param registry_ Who takes part.
    /// @param confirmations_ Blocks on top of a block before its work is credited.
    constructor(Registry registry_, uint64 confirmations_) {
        registry = registry_;
        confirmations = confirmations_;
        _genesisHash = registry_.genesisHash();
    }

    /// @notice Credits the work of one sealed block to its coinbase. Anybody may call it.
    /// @param header RLP of the block's header.
    function claim(bytes calldata header) external {
        (address researcher, uint256 work) = _claim(header);
        _onlyResearcher(researcher);
        _credit[researcher] += work;
    }

    /// @notice Credits many blocks, all or none. Cheapest when blocks of one coinbase follow one another.
    /// @param headers RLP of each block's header.
    function claimMany(bytes[] calldata headers) external {
        require(headers.length != 0, Nothing());
        address researcher;
        uint256 sum;
        for (uint256 i; i < headers.length; i++) {
            (address coinbase, uint256 work) = _claim(headers[i]);
            if (coinbase != researcher || i == 0) {
                _onlyResearcher(coinbase);
                if (sum != 0) _credit[researcher] += sum;
                (researcher, sum) = (coinbase, 0);
            }
            sum += work;
        }
        _credit[researcher] += sum;
    }

    /// @notice Sets work of the caller aside for one marketplace, which from then on may burn it under her vouchers.
    /// @param marketplace For whom.
    /// @param work Work to set aside, in expected hashes.
    function escrow(address marketplace, uint128 work) external {
        require(work != 0, Nothing());
        _onlyResearcher(msg.sender);
        require(registry.holds(marketplace, MARKETPLACE), NotMarketplace(marketplace));
        uint256 available = _credit[msg.sender];
        require(work <= available, InsufficientCredit(available, work));
        _credit[msg.sender] = available - work;
        _accounts[msg.sender][marketplace].escrowed += work;
        emit Escrowed(msg.sender, marketplace, work);
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

    /// @notice Work set aside and not yet burnt, in expected hashes.
    function escrowed(address researcher, address marketplace) external view returns (uint256) {
        return _accounts[researcher][marketplace].escrowed;
    }

    /// @notice Work burnt in all, in expected hashes: the cumulative amount of the last voucher settled.
    function settled(address researcher, address marketplace) external view returns (uint64) {
        return _accounts[researcher][marketplace].settled;
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
        Account memory account = _accounts[voucher.researcher][voucher.marketplace];
        require(voucher.cumulative >= account.settled, VoucherSuperseded(account.settled, voucher.cumulative));
        uint64 work = voucher.cumulative - account.settled;
        if (work == 0) return;
        require(work <= account.escrowed, InsufficientEscrow(account.escrowed, work));
        _accounts[voucher.researcher][voucher.marketplace] = Account(account.escrowed - work, voucher.cumulative);
        emit Settled(voucher.researcher, voucher.marketplace, work, voucher.cumulative);
    }

    function _onlyResearcher(address account) private view {
        require(registry.holds(account, RESEARCHER), NotResearcher(account));
    }
}

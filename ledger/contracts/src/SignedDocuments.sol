// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title EIP-712 signatures over medmarket's documents.
/// @dev The domain is {name "medmarket", version "1", chainId} without a verifyingContract: the same signature is
/// checked by hospitals off chain, where there is no contract. What binds a document to one chain is the genesis
/// hash inside every struct. It follows that two deployments on one chain accept the same signatures; one chain has
/// one deployment.
abstract contract SignedDocuments {
    bytes32 private constant DOMAIN_TYPEHASH = keccak256("EIP712Domain(string name,string version,uint256 chainId)");
    /// Half the order of secp256k1. A larger s is the same signature written a second way.
    uint256 private constant HALF_ORDER = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0;

    bytes32 private immutable _domainSeparator;

    /// @notice The signature is not 65 bytes r|s|v with a low s and v 27 or 28, or recovers to nobody.
    error MalformedSignature();

    constructor() {
        _domainSeparator =
            keccak256(abi.encode(DOMAIN_TYPEHASH, keccak256("medmarket"), keccak256("1"), block.chainid));
    }

    /// @dev Who signed the struct. Never returns the zero address.
    /// @param structHash EIP-712 hashStruct of the document.
    /// @param signature 65 bytes r|s|v.
    function _signer(bytes32 structHash, bytes calldata signature) internal view returns (address signer) {
        require(signature.length == 65, MalformedSignature());
        bytes32 s = bytes32(signature[32:64]);
        uint8 v = uint8(signature[64]);
        require(uint256(s) <= HALF_ORDER && (v == 27 || v == 28), MalformedSignature());
        bytes32 digest = keccak256(abi.encodePacked(hex"1901", _domainSeparator, structHash));
        signer = ecrecover(digest, v, bytes32(signature[0:32]), s);
        require(signer != address(0), MalformedSignature());
    }
}

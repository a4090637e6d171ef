// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Reads the sealed block headers of this chain.
/// @dev Fields are found by position, so every length before them is checked. Bytes behind the seal are not looked at:
/// callers must compare the hash of the whole header with the chain's, which vouches for them.
library Headers {
    /// Seal magic "MRP1": the first 4 of the 32 bytes of extraData.
    bytes4 private constant MAGIC = 0x4d525031;
    /// The shortest header up to and including nonce, with one-byte integers.
    uint256 private constant SHORTEST = 3 + 33 + 33 + 21 + 33 + 33 + 33 + 259 + 1 + 4 + 33 + 33 + 9;
    /// Where number starts: list prefix, three hashes, coinbase, two more hashes, bloom and zero difficulty precede it.
    uint256 private constant NUMBER_AT = 3 + 33 + 33 + 21 + 33 + 33 + 33 + 259 + 1;

    /// @notice The bytes are not the RLP of a sealed header.
    error BadHeader();

    /// @param header RLP of the header.
    /// @return coinbase Who sealed it.
    /// @return number Block number.
    /// @return work Difficulty in the seal: the expected number of hashes.
    function decode(bytes calldata header) internal pure returns (address coinbase, uint64 number, uint64 work) {
        require(header.length >= SHORTEST && header[0] == 0xf9, BadHeader());
        require(uint16(bytes2(header[1:3])) == header.length - 3, BadHeader());
        require(
            header[3] == 0xa0 && header[36] == 0xa0 && header[69] == 0x94 && header[90] == 0xa0 && header[123] == 0xa0
                && header[156] == 0xa0,
            BadHeader()
        );
        require(bytes3(header[189:192]) == 0xb90100 && header[NUMBER_AT - 1] == 0x80, BadHeader());
        coinbase = address(bytes20(header[70:90]));
        uint256 pos;
        (number, pos) = _integer(header, NUMBER_AT);
        for (uint256 i; i < 3; i++) (, pos) = _integer(header, pos); // gasLimit, gasUsed, time
        require(pos + 33 <= header.length && header[pos] == 0xa0, BadHeader());
        bytes32 seal = bytes32(header[pos + 1:pos + 33]);
        require(bytes4(seal) == MAGIC, BadHeader());
        work = uint64(uint256(seal) >> 160);
    }

    /// @dev Reads an integer of at most 8 bytes in its one RLP form and returns where the next item starts.
    function _integer(bytes calldata b, uint256 pos) private pure returns (uint64 value, uint256 next) {
        require(pos < b.length, BadHeader());
        uint256 tag = uint8(b[pos]);
        if (tag < 0x80) {
            require(tag != 0, BadHeader()); // zero is written 0x80
            return (uint64(tag), pos + 1);
        }
        uint256 length = tag - 0x80;
        next = pos + 1 + length;
        require(length <= 8 && next <= b.length, BadHeader());
        if (length == 0) return (0, next);
        value = uint64(bytes8(b[pos + 1:next])) >> uint64(64 - 8 * length);
        require(b[pos + 1] != 0 && (length > 1 || value >= 0x80), BadHeader());
    }
}

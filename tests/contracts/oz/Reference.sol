// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// Thin shells around the parts of OpenZeppelin Contracts that ours are compared with. Compiled when the tests run.

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";

contract ReferenceToken is ERC20Permit {
    constructor(string memory name_, string memory symbol_) ERC20(name_, symbol_) ERC20Permit(name_) {}

    function decimals() public pure override returns (uint8) {
        return 2;
    }

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function burn(uint256 amount) external {
        _burn(msg.sender, amount);
    }
}

contract ReferenceParts is EIP712 {
    constructor(string memory name_, string memory version_) EIP712(name_, version_) {}

    function separator() external view returns (bytes32) {
        return _domainSeparatorV4();
    }

    function digest(bytes32 structHash) external view returns (bytes32) {
        return _hashTypedDataV4(structHash);
    }

    function recover(bytes32 hash, bytes memory signature) external pure returns (address) {
        return ECDSA.recover(hash, signature);
    }

    function recoverParts(bytes32 hash, uint8 v, bytes32 r, bytes32 s) external pure returns (address) {
        return ECDSA.recover(hash, v, r, s);
    }

    function rootOf(bytes32 leaf, bytes32[] memory path) external pure returns (bytes32) {
        return MerkleProof.processProof(path, leaf);
    }

    function belongs(bytes32 root, bytes32 leaf, bytes32[] memory path) external pure returns (bool) {
        return MerkleProof.verify(path, root, leaf);
    }
}

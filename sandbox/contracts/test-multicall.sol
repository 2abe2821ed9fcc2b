// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// The one function of Multicall3 that batched sweeps use, for the local chain: many calls in one transaction, each of which may fail by
/// itself. On public chains the real contract is at 0xcA11bde05977b3631167028862bE2a173976CA11.
contract TestMulticall {
    struct Call3 {
        address target;
        bool allowFailure;
        bytes callData;
    }

    struct Result {
        bool success;
        bytes returnData;
    }

    function aggregate3(Call3[] calldata calls) external payable returns (Result[] memory results) {
        results = new Result[](calls.length);
        for (uint256 place = 0; place < calls.length; place++) {
            (bool success, bytes memory data) = calls[place].target.call(calls[place].callData);
            require(success || calls[place].allowFailure, "Multicall3: call failed");
            results[place] = Result(success, data);
        }
    }
}

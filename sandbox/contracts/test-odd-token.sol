// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// A token of the local chain that lies in every way a deposit can be lied about, one at a time: a fee it does not announce, an
/// announcement without tokens, tokens without an announcement, `false` instead of a revert, balances that are rescaled, a pause.
contract TestOddToken {
    string public constant name = "Odd Dollar";
    string public constant symbol = "ODD";
    uint8 public constant decimals = 6;

    enum Lie { None, HiddenFee, FalseEvent, SilentMove, ReturnsFalse, Paused }

    Lie public lie;
    uint256 public scale = 1000;
    uint256 public totalSupply;
    mapping(address => uint256) private held;

    event Transfer(address indexed from, address indexed to, uint256 value);

    function tell(Lie next) external {
        lie = next;
    }

    /// Every balance becomes this many thousandths of what was moved there.
    function rebase(uint256 thousandths) external {
        scale = thousandths;
    }

    function balanceOf(address owner) public view returns (uint256) {
        return (held[owner] * scale) / 1000;
    }

    function mint(address to, uint256 value) external {
        totalSupply += value;
        held[to] += value;
        emit Transfer(address(0), to, value);
    }

    function transfer(address to, uint256 value) external returns (bool) {
        require(lie != Lie.Paused, "Pausable: paused");
        if (lie == Lie.ReturnsFalse) return false;
        if (lie != Lie.SilentMove) emit Transfer(msg.sender, to, value);
        if (lie == Lie.FalseEvent) return true;
        require(held[msg.sender] >= value, "ERC20: transfer amount exceeds balance");
        held[msg.sender] -= value;
        held[to] += lie == Lie.HiddenFee ? value - value / 10 : value;
        return true;
    }
}

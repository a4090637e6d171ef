// Code generated via abigen V2 - DO NOT EDIT.
// This file is a generated binding and any manual changes will be lost.

package contracts

import (
	"bytes"
	"errors"
	"math/big"

	"github.com/ethereum/go-ethereum/accounts/abi"
	"github.com/ethereum/go-ethereum/accounts/abi/bind/v2"
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"
)

// Reference imports to suppress errors if they are not otherwise used.
var (
	_ = bytes.Equal
	_ = errors.New
	_ = big.NewInt
	_ = common.Big1
	_ = types.BloomLookup
	_ = abi.ConvertType
)

// GrantsGrant is an auto generated low-level Go binding around an user-defined struct.
type GrantsGrant struct {
	Status          uint8
	Suspensions     uint32
	Signatures      uint32
	Revision        uint64
	ApprovedAt      uint64
	NotBefore       uint64
	Expiry          uint64
	ChangedAt       uint64
	Organisation    [32]byte
	Terms           [32]byte
	Datasets        [][32]byte
	NanoRhoCeilings []uint64
}

// GrantsMetaData contains all meta data concerning the Grants contract.
var GrantsMetaData = bind.MetaData{
	ABI: "[{\"inputs\":[{\"internalType\":\"contractRegistry\",\"name\":\"registry_\",\"type\":\"address\"}],\"stateMutability\":\"nonpayable\",\"type\":\"constructor\"},{\"inputs\":[{\"internalType\":\"address\",\"name\":\"signer\",\"type\":\"address\"}],\"name\":\"AlreadySigned\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"uint256\",\"name\":\"index\",\"type\":\"uint256\"}],\"name\":\"DatasetOrder\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"uint64\",\"name\":\"notBefore\",\"type\":\"uint64\"},{\"internalType\":\"uint64\",\"name\":\"expiry\",\"type\":\"uint64\"}],\"name\":\"EmptyPeriod\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"uint64\",\"name\":\"expiry\",\"type\":\"uint64\"}],\"name\":\"GrantExpired\",\"type\":\"error\"},{\"inputs\":[],\"name\":\"MalformedSignature\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"address\",\"name\":\"signer\",\"type\":\"address\"}],\"name\":\"NotCommittee\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"bytes32\",\"name\":\"grantHash\",\"type\":\"bytes32\"}],\"name\":\"OtherTerms\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"uint256\",\"name\":\"datasets\",\"type\":\"uint256\"},{\"internalType\":\"uint256\",\"name\":\"ceilings\",\"type\":\"uint256\"}],\"name\":\"UnevenTerms\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"bytes32\",\"name\":\"grantHash\",\"type\":\"bytes32\"},{\"internalType\":\"enumGrants.Status\",\"name\":\"status\",\"type\":\"uint8\"}],\"name\":\"WrongStatus\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"uint64\",\"name\":\"named\",\"type\":\"uint64\"},{\"internalType\":\"uint64\",\"name\":\"suspensions\",\"type\":\"uint64\"}],\"name\":\"WrongSuspension\",\"type\":\"error\"},{\"inputs\":[],\"name\":\"ZeroGrant\",\"type\":\"error\"},{\"anonymous\":false,\"inputs\":[{\"indexed\":true,\"internalType\":\"bytes32\",\"name\":\"grantHash\",\"type\":\"bytes32\"},{\"indexed\":true,\"internalType\":\"bytes32\",\"name\":\"organisation\",\"type\":\"bytes32\"},{\"indexed\":true,\"internalType\":\"address\",\"name\":\"committee\",\"type\":\"address\"},{\"indexed\":false,\"internalType\":\"uint32\",\"name\":\"signatures\",\"type\":\"uint32\"}],\"name\":\"ApprovalSigned\",\"type\":\"event\"},{\"anonymous\":false,\"inputs\":[{\"indexed\":true,\"internalType\":\"bytes32\",\"name\":\"grantHash\",\"type\":\"bytes32\"},{\"indexed\":true,\"internalType\":\"bytes32\",\"name\":\"organisation\",\"type\":\"bytes32\"},{\"indexed\":false,\"internalType\":\"uint64\",\"name\":\"revision\",\"type\":\"uint64\"},{\"indexed\":false,\"internalType\":\"bytes32[]\",\"name\":\"datasets\",\"type\":\"bytes32[]\"},{\"indexed\":false,\"internalType\":\"uint64[]\",\"name\":\"nanoRhoCeilings\",\"type\":\"uint64[]\"},{\"indexed\":false,\"internalType\":\"uint64\",\"name\":\"notBefore\",\"type\":\"uint64\"},{\"indexed\":false,\"internalType\":\"uint64\",\"name\":\"expiry\",\"type\":\"uint64\"}],\"name\":\"Approved\",\"type\":\"event\"},{\"anonymous\":false,\"inputs\":[{\"indexed\":true,\"internalType\":\"bytes32\",\"name\":\"grantHash\",\"type\":\"bytes32\"},{\"indexed\":true,\"internalType\":\"bytes32\",\"name\":\"organisation\",\"type\":\"bytes32\"},{\"indexed\":false,\"internalType\":\"uint32\",\"name\":\"suspensions\",\"type\":\"uint32\"}],\"name\":\"Resumed\",\"type\":\"event\"},{\"anonymous\":false,\"inputs\":[{\"indexed\":true,\"internalType\":\"bytes32\",\"name\":\"grantHash\",\"type\":\"bytes32\"},{\"indexed\":true,\"internalType\":\"bytes32\",\"name\":\"organisation\",\"type\":\"bytes32\"},{\"indexed\":true,\"internalType\":\"address\",\"name\":\"committee\",\"type\":\"address\"},{\"indexed\":false,\"internalType\":\"uint32\",\"name\":\"signatures\",\"type\":\"uint32\"}],\"name\":\"ResumptionSigned\",\"type\":\"event\"},{\"anonymous\":false,\"inputs\":[{\"indexed\":true,\"internalType\":\"bytes32\",\"name\":\"grantHash\",\"type\":\"bytes32\"},{\"indexed\":true,\"internalType\":\"bytes32\",\"name\":\"organisation\",\"type\":\"bytes32\"},{\"indexed\":true,\"internalType\":\"address\",\"name\":\"committee\",\"type\":\"address\"}],\"name\":\"Revoked\",\"type\":\"event\"},{\"anonymous\":false,\"inputs\":[{\"indexed\":true,\"internalType\":\"bytes32\",\"name\":\"grantHash\",\"type\":\"bytes32\"},{\"indexed\":true,\"internalType\":\"bytes32\",\"name\":\"organisation\",\"type\":\"bytes32\"},{\"indexed\":true,\"internalType\":\"address\",\"name\":\"committee\",\"type\":\"address\"},{\"indexed\":false,\"internalType\":\"uint32\",\"name\":\"suspensions\",\"type\":\"uint32\"}],\"name\":\"Suspended\",\"type\":\"event\"},{\"inputs\":[],\"name\":\"MAX_DATASETS\",\"outputs\":[{\"internalType\":\"uint256\",\"name\":\"\",\"type\":\"uint256\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[{\"internalType\":\"bytes32\",\"name\":\"grantHash\",\"type\":\"bytes32\"},{\"internalType\":\"uint64\",\"name\":\"revision\",\"type\":\"uint64\"},{\"internalType\":\"bytes32[]\",\"name\":\"datasets\",\"type\":\"bytes32[]\"},{\"internalType\":\"uint64[]\",\"name\":\"nanoRhoCeilings\",\"type\":\"uint64[]\"},{\"internalType\":\"uint64\",\"name\":\"notBefore\",\"type\":\"uint64\"},{\"internalType\":\"uint64\",\"name\":\"expiry\",\"type\":\"uint64\"},{\"internalType\":\"bytes\",\"name\":\"committeeSignature\",\"type\":\"bytes\"}],\"name\":\"approve\",\"outputs\":[],\"stateMutability\":\"nonpayable\",\"type\":\"function\"},{\"inputs\":[{\"internalType\":\"bytes32\",\"name\":\"grantHash\",\"type\":\"bytes32\"},{\"internalType\":\"address\",\"name\":\"committee\",\"type\":\"address\"}],\"name\":\"approvedBy\",\"outputs\":[{\"components\":[{\"internalType\":\"enumGrants.Status\",\"name\":\"status\",\"type\":\"uint8\"},{\"internalType\":\"uint32\",\"name\":\"suspensions\",\"type\":\"uint32\"},{\"internalType\":\"uint32\",\"name\":\"signatures\",\"type\":\"uint32\"},{\"internalType\":\"uint64\",\"name\":\"revision\",\"type\":\"uint64\"},{\"internalType\":\"uint64\",\"name\":\"approvedAt\",\"type\":\"uint64\"},{\"internalType\":\"uint64\",\"name\":\"notBefore\",\"type\":\"uint64\"},{\"internalType\":\"uint64\",\"name\":\"expiry\",\"type\":\"uint64\"},{\"internalType\":\"uint64\",\"name\":\"changedAt\",\"type\":\"uint64\"},{\"internalType\":\"bytes32\",\"name\":\"organisation\",\"type\":\"bytes32\"},{\"internalType\":\"bytes32\",\"name\":\"terms\",\"type\":\"bytes32\"},{\"internalType\":\"bytes32[]\",\"name\":\"datasets\",\"type\":\"bytes32[]\"},{\"internalType\":\"uint64[]\",\"name\":\"nanoRhoCeilings\",\"type\":\"uint64[]\"}],\"internalType\":\"structGrants.Grant\",\"name\":\"\",\"type\":\"tuple\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[{\"internalType\":\"bytes32\",\"name\":\"grantHash\",\"type\":\"bytes32\"},{\"internalType\":\"bytes32\",\"name\":\"organisation\",\"type\":\"bytes32\"}],\"name\":\"get\",\"outputs\":[{\"components\":[{\"internalType\":\"enumGrants.Status\",\"name\":\"status\",\"type\":\"uint8\"},{\"internalType\":\"uint32\",\"name\":\"suspensions\",\"type\":\"uint32\"},{\"internalType\":\"uint32\",\"name\":\"signatures\",\"type\":\"uint32\"},{\"internalType\":\"uint64\",\"name\":\"revision\",\"type\":\"uint64\"},{\"internalType\":\"uint64\",\"name\":\"approvedAt\",\"type\":\"uint64\"},{\"internalType\":\"uint64\",\"name\":\"notBefore\",\"type\":\"uint64\"},{\"internalType\":\"uint64\",\"name\":\"expiry\",\"type\":\"uint64\"},{\"internalType\":\"uint64\",\"name\":\"changedAt\",\"type\":\"uint64\"},{\"internalType\":\"bytes32\",\"name\":\"organisation\",\"type\":\"bytes32\"},{\"internalType\":\"bytes32\",\"name\":\"terms\",\"type\":\"bytes32\"},{\"internalType\":\"bytes32[]\",\"name\":\"datasets\",\"type\":\"bytes32[]\"},{\"internalType\":\"uint64[]\",\"name\":\"nanoRhoCeilings\",\"type\":\"uint64[]\"}],\"internalType\":\"structGrants.Grant\",\"name\":\"\",\"type\":\"tuple\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[],\"name\":\"registry\",\"outputs\":[{\"internalType\":\"contractRegistry\",\"name\":\"\",\"type\":\"address\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[{\"internalType\":\"bytes32\",\"name\":\"grantHash\",\"type\":\"bytes32\"},{\"internalType\":\"uint64\",\"name\":\"suspensions\",\"type\":\"uint64\"},{\"internalType\":\"bytes\",\"name\":\"committeeSignature\",\"type\":\"bytes\"}],\"name\":\"resume\",\"outputs\":[],\"stateMutability\":\"nonpayable\",\"type\":\"function\"},{\"inputs\":[{\"internalType\":\"bytes32\",\"name\":\"grantHash\",\"type\":\"bytes32\"},{\"internalType\":\"bytes\",\"name\":\"committeeSignature\",\"type\":\"bytes\"}],\"name\":\"revoke\",\"outputs\":[],\"stateMutability\":\"nonpayable\",\"type\":\"function\"},{\"inputs\":[{\"internalType\":\"bytes32\",\"name\":\"grantHash\",\"type\":\"bytes32\"},{\"internalType\":\"uint64\",\"name\":\"suspensions\",\"type\":\"uint64\"},{\"internalType\":\"bytes\",\"name\":\"committeeSignature\",\"type\":\"bytes\"}],\"name\":\"suspend\",\"outputs\":[],\"stateMutability\":\"nonpayable\",\"type\":\"function\"}]",
	ID:  "Grants",
	Bin: "0x60e060405234801561000f575f5ffd5b5060405161283438038061283483398101604081905261002e91610138565b604080517fc2f8787176b8ac6bf7215b4adcc1e069bf4ab82d9ab1df05a57a91d425935b6e60208201527f41c6be6c542c86c5d4ad0471bc7d3801d85a48737393d1ff000dbb1e1bc8d142918101919091527fc89efdaa54c0f20c7adf612882df0950f5a951637e0307cdcb4c672f298b8bc6606082015246608082015260a00160408051601f1981840301815282825280516020918201206080526001600160a01b03841660a08190526394391a6d60e01b8452915191926394391a6d92600480830193928290030181865afa15801561010b573d5f5f3e3d5ffd5b505050506040513d601f19601f8201168201806040525081019061012f9190610165565b60c0525061017c565b5f60208284031215610148575f5ffd5b81516001600160a01b038116811461015e575f5ffd5b9392505050565b5f60208284031215610175575f5ffd5b5051919050565b60805160a05160c0516126496101eb5f395f81816101a70152818161076701528181610a4f0152610dcb01525f818160df0152818161040101528181610beb01528181610f420152818161114b0152818161131f01528181611711015261190c01525f611af301526126495ff3fe608060405234801561000f575f5ffd5b5060043610610085575f3560e01c80638eca1f74116100585780638eca1f74146101265780639a4d6c5b14610139578063c6a0cfe91461014c578063ccb2de2214610162575f5ffd5b806322ca38861461008957806325f6ac851461009e578063658cc1f6146100c75780637b103999146100da575b5f5ffd5b61009c610097366004611c8b565b610175565b005b6100b16100ac366004611cf7565b610344565b6040516100be9190611dff565b60405180910390f35b6100b16100d5366004611f26565b610690565b6101017f000000000000000000000000000000000000000000000000000000000000000081565b60405173ffffffffffffffffffffffffffffffffffffffff90911681526020016100be565b61009c610134366004611f6b565b610725565b61009c610147366004612004565b610977565b610154604081565b6040519081526020016100be565b61009c610170366004611f6b565b610d89565b604080517fcd2a3a01a14c33cabfe2b31e8e874e0b587906149d2abfa527c51aa9d5e13ce160208201529081018490527f000000000000000000000000000000000000000000000000000000000000000060608201525f9081906101f69086906080015b6040516020818303038152906040528051906020012086866112b3565b90925090505f815460ff16600481111561021257610212611d25565b1415801561023657506004815460ff16600481111561023357610233611d25565b14155b8154869160ff90911690610281576040517f9d8197440000000000000000000000000000000000000000000000000000000081526004016102789291906120e2565b60405180910390fd5b50506001810180547fffffffffffffffff0000000000000000ffffffffffffffffffffffffffffffff167001000000000000000000000000000000004367ffffffffffffffff160217905580547fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff00166004178155600281015460405173ffffffffffffffffffffffffffffffffffffffff8416919087907f7e0251342a0bfd049fa0854263ed1bddb7fc6116932510f5d6621ec9cfaad359905f90a45050505050565b60408051610180810182525f808252602080830182905282840182905260608084018390526080840183905260a0840183905260c0840183905260e084018390526101008401839052610120840183905261014084018190526101608401528582528181528382206001825284832085517fc634562600000000000000000000000000000000000000000000000000000000815273ffffffffffffffffffffffffffffffffffffffff8881166004830152965195969295919385937f0000000000000000000000000000000000000000000000000000000000000000169263c63456269260248082019392918290030181865afa158015610447573d5f5f3e3d5ffd5b505050506040513d601f19601f8201168201806040525081019061046b91906120fd565b73ffffffffffffffffffffffffffffffffffffffff1673ffffffffffffffffffffffffffffffffffffffff1681526020019081526020015f205481526020019081526020015f20604051806101800160405290815f82015f9054906101000a900460ff1660048111156104e0576104e0611d25565b60048111156104f1576104f1611d25565b8152815463ffffffff610100808304821660208086019190915265010000000000840490921660408086019190915267ffffffffffffffff69010000000000000000008504811660608701527101000000000000000000000000000000000090940484166080860152600186015480851660a0870152680100000000000000008104851660c0870152700100000000000000000000000000000000900490931660e085015260028501549084015260038401546101208401526004840180548351818402810184019094528084526101409094019390918301828280156105f557602002820191905f5260205f20905b8154815260200190600101908083116105e1575b505050505081526020016005820180548060200260200160405190810160405280929190818152602001828054801561067e57602002820191905f5260205f20905f905b82829054906101000a900467ffffffffffffffff1667ffffffffffffffff16815260200190600801906020826007010492830192600103820291508084116106395790505b50505050508152505090505b92915050565b6040805161018080820183525f808352602080840182905283850182905260608085018390526080850183905260a0850183905260c0850183905260e0850183905261010085018390526101208501839052610140850181905261016085015286825281815284822086835290528390208351918201909352825491929091829060ff1660048111156104e0576104e0611d25565b604080517f7f9f439a960374ade67180474f48fe043bbb7e7b4a8ce9cb22d20d15160558b4602082015290810185905267ffffffffffffffff841660608201527f000000000000000000000000000000000000000000000000000000000000000060808201525f90819061079d90879060a0016101d9565b90925090506002815460ff1660048111156107ba576107ba611d25565b8254889260ff90911691146107fd576040517f9d8197440000000000000000000000000000000000000000000000000000000081526004016102789291906120e2565b505080548590610100900463ffffffff1667ffffffffffffffff82168114610869576040517fa319529800000000000000000000000000000000000000000000000000000000815267ffffffffffffffff909216600483015263ffffffff166024820152604401610278565b50508054610100900463ffffffff1681600161088483612145565b825461010092830a63ffffffff8181021990921692821602919091179092556001840180547fffffffffffffffff0000000000000000ffffffffffffffffffffffffffffffff167001000000000000000000000000000000004367ffffffffffffffff160217905583547fffffffffffffffffffffffffffffffffffffffffffffff00000000ffffffff0016600317808555600285015460405192909104909216815273ffffffffffffffffffffffffffffffffffffffff8516925088907f0fb5839169b6721b370e38773d5596aed6225f0002b25ea8c3948da7f31da9819060200160405180910390a4505050505050565b5f8a90036109b1576040517f012ef9be00000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b6109bf8888888888886113e8565b5f8888888888886040516020016109db969594939291906121f1565b604080518083037fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe001815282825280516020918201207f0371dba2603ca4588dbcfb0ed7c3976223dd73ae8f527570c68ec8a1dbcefa0d828501528383018f905267ffffffffffffffff8e811660608601527f00000000000000000000000000000000000000000000000000000000000000006080860152881660a085015260c0808501919091528251808503909101815260e0909301909152815191012090505f610aa98c83868661158f565b805490915065010000000000900463ffffffff16600103610b98576001810180547fffffffffffffffffffffffffffffffff00000000000000000000000000000000166801000000000000000067ffffffffffffffff888116919091027fffffffffffffffffffffffffffffffffffffffffffffffff000000000000000016919091178882161790915581547fffffffffffffffffffffffffffffff0000000000000000ffffffffffffffffff166901000000000000000000918d169190910217815589898989600485015f60058701610b84848683612340565b50610b929050848683612434565b50505050505b60028082015490825460ff166004811115610bb557610bb5611d25565b1480610c8357506040517f304803cd000000000000000000000000000000000000000000000000000000008152600481018290527f000000000000000000000000000000000000000000000000000000000000000073ffffffffffffffffffffffffffffffffffffffff169063304803cd90602401602060405180830381865afa158015610c45573d5f5f3e3d5ffd5b505050506040513d601f19601f82011682018060405250810190610c6991906124c1565b825460ff919091166501000000000090910463ffffffff16105b15610c9057505050610d7d565b815467ffffffffffffffff4390811671010000000000000000000000000000000000027fffffffffffffff0000000000000000ffffffffffffffffffffffffffffffffff831681178555600292839186917fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff009091167fffffffffffffff0000000000000000ffffffffffffffffffffffffffffffff009091161760018302179055505050808d7f6bc561b6f3ee376a2ed846fb90d2bca7b76964c9366e87b14d0b9a4605eeeb3f8e8e8e8e8e8e8e604051610d7197969594939291906124e1565b60405180910390a35050505b50505050505050505050565b604080517f9770f9881fec108ed01ca4bf0c7c43b1812a1f22d04c011182cec7e16cc6a3e6602082015290810185905267ffffffffffffffff841660608201527f000000000000000000000000000000000000000000000000000000000000000060808201525f908190610e179060a0016040516020818303038152906040528051906020012085856118b5565b5f88815260208181526040808320848452909152902091935091506003815460ff166004811115610e4a57610e4a611d25565b8254899260ff9091169114610e8d576040517f9d8197440000000000000000000000000000000000000000000000000000000081526004016102789291906120e2565b505080548690610100900463ffffffff1667ffffffffffffffff82168114610ef9576040517fa319529800000000000000000000000000000000000000000000000000000000815267ffffffffffffffff909216600483015263ffffffff166024820152604401610278565b50506040517fc634562600000000000000000000000000000000000000000000000000000000815273ffffffffffffffffffffffffffffffffffffffff84811660048301525f917f00000000000000000000000000000000000000000000000000000000000000009091169063c634562690602401602060405180830381865afa158015610f89573d5f5f3e3d5ffd5b505050506040513d601f19601f82011682018060405250810190610fad91906120fd565b5f89815260026020908152604080832073ffffffffffffffffffffffffffffffffffffffff85168452909152902054909150849067ffffffffffffffff891663ffffffff90911610611044576040517fbf9857a600000000000000000000000000000000000000000000000000000000815273ffffffffffffffffffffffffffffffffffffffff9091166004820152602401610278565b5081545f89815260026020908152604080832073ffffffffffffffffffffffffffffffffffffffff8087168552925290912080547fffffffffffffffffffffffffffffffffffffffffffffffffffffffff000000001663ffffffff610100909404841617905583549086169185918b917f8b7b9a7e569a7f6c6d26c2f8c1aa5e0205a48abf42ec173ab2bd466a608becfb9187916005916110ef916501000000000090910416612145565b825463ffffffff9182166101009390930a838102920219161790915560405190815260200160405180910390a46040517f304803cd000000000000000000000000000000000000000000000000000000008152600481018490527f000000000000000000000000000000000000000000000000000000000000000073ffffffffffffffffffffffffffffffffffffffff169063304803cd90602401602060405180830381865afa1580156111a5573d5f5f3e3d5ffd5b505050506040513d601f19601f820116820180604052508101906111c991906124c1565b825460ff919091166501000000000090910463ffffffff1610156111f057505050506112ad565b6001820180547fffffffffffffffff0000000000000000ffffffffffffffffffffffffffffffff167001000000000000000000000000000000004367ffffffffffffffff160217905581547fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff001660021780835560405163ffffffff610100909204919091168152839089907f0f38a65aa0615a38e4ec657d839c36265a4824a9b803bbca6c6efae3da765c029060200160405180910390a3505050505b50505050565b5f5f5f6112c18686866118b5565b5f8981526001602052604080822090517fc634562600000000000000000000000000000000000000000000000000000000815273ffffffffffffffffffffffffffffffffffffffff80861660048301529497509294509092909183917f0000000000000000000000000000000000000000000000000000000000000000169063c634562690602401602060405180830381865afa158015611364573d5f5f3e3d5ffd5b505050506040513d601f19601f8201168201806040525081019061138891906120fd565b73ffffffffffffffffffffffffffffffffffffffff16815260208082019290925260409081015f908120548b82529281905290812091925082156113cc57826113ce565b835b81526020019081526020015f209250505094509492505050565b84831480156113f657508415155b8015611403575060408511155b85908490611446576040517f24903f4a00000000000000000000000000000000000000000000000000000000815260048101929092526024820152604401610278565b50600190505b858110156114d5578686611461600184612546565b81811061147057611470612559565b9050602002013587878381811061148957611489612559565b905060200201351181906114cc576040517f47258d2b00000000000000000000000000000000000000000000000000000000815260040161027891815260200190565b5060010161144c565b50818167ffffffffffffffff80821690831610611532576040517f95d8ad9d00000000000000000000000000000000000000000000000000000000815267ffffffffffffffff928316600482015291166024820152604401610278565b50508067ffffffffffffffff1642108190611586576040517f06bbb9b100000000000000000000000000000000000000000000000000000000815267ffffffffffffffff9091166004820152602401610278565b50505050505050565b5f5f5f61159d8686866118b5565b5f898152602081815260408083208484529091528120805490965092945090925060ff909116908160048111156115d6576115d6611d25565b0361161757600384018790556002840182905583547fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff001660011784556116ca565b868460030154148890611659576040517f5708042000000000000000000000000000000000000000000000000000000000815260040161027891815260200190565b50600181600481111561166e5761166e611d25565b148061168b5750600281600481111561168957611689611d25565b145b888290916116c7576040517f9d8197440000000000000000000000000000000000000000000000000000000081526004016102789291906120e2565b50505b6040517fc634562600000000000000000000000000000000000000000000000000000000815273ffffffffffffffffffffffffffffffffffffffff84811660048301525f917f00000000000000000000000000000000000000000000000000000000000000009091169063c634562690602401602060405180830381865afa158015611758573d5f5f3e3d5ffd5b505050506040513d601f19601f8201168201806040525081019061177c91906120fd565b5f8a815260016020908152604080832073ffffffffffffffffffffffffffffffffffffffff85168452909152902054909150849015611800576040517fbf9857a600000000000000000000000000000000000000000000000000000000815273ffffffffffffffffffffffffffffffffffffffff9091166004820152602401610278565b505f89815260016020908152604080832073ffffffffffffffffffffffffffffffffffffffff8581168552925290912084905585549085169084908b907f5138a40421d18243891e5ff2920f5e9bbf37b1fad96841233e4cc1da6642d01f90899060059061187c9065010000000000900463ffffffff16612145565b825463ffffffff9182166101009390930a838102920219161790915560405190815260200160405180910390a450505050949350505050565b5f5f6118c28585856119de565b6040517f2605b3c700000000000000000000000000000000000000000000000000000000815273ffffffffffffffffffffffffffffffffffffffff80831660048301529193505f917f00000000000000000000000000000000000000000000000000000000000000001690632605b3c7906024016040805180830381865afa158015611950573d5f5f3e3d5ffd5b505050506040513d601f19601f820116820180604052508101906119749190612586565b805190915083906002166119cd576040517f2700fdd300000000000000000000000000000000000000000000000000000000815273ffffffffffffffffffffffffffffffffffffffff9091166004820152602401610278565b508060200151915050935093915050565b5f60418214611a19576040517f55a1e16e00000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b5f611a286040602085876125e6565b611a319161260d565b90505f84846040818110611a4757611a47612559565b919091013560f81c9150507f7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a08211801590611a9257508060ff16601b1480611a9257508060ff16601c145b611ac8576040517f55a1e16e00000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b6040517f190100000000000000000000000000000000000000000000000000000000000060208201527f00000000000000000000000000000000000000000000000000000000000000006022820152604281018790525f90606201604080517fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe08184030181529190528051602091820120915060019082908490611b6e905f8a8c6125e6565b611b779161260d565b604080515f8152602081018083529490945260ff9092169183019190915260608201526080810185905260a0016020604051602081039080840390855afa158015611bc4573d5f5f3e3d5ffd5b50506040517fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0015194505073ffffffffffffffffffffffffffffffffffffffff8416611c3c576040517f55a1e16e00000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b5050509392505050565b5f5f83601f840112611c56575f5ffd5b50813567ffffffffffffffff811115611c6d575f5ffd5b602083019150836020828501011115611c84575f5ffd5b9250929050565b5f5f5f60408486031215611c9d575f5ffd5b83359250602084013567ffffffffffffffff811115611cba575f5ffd5b611cc686828701611c46565b9497909650939450505050565b73ffffffffffffffffffffffffffffffffffffffff81168114611cf4575f5ffd5b50565b5f5f60408385031215611d08575f5ffd5b823591506020830135611d1a81611cd3565b809150509250929050565b7f4e487b71000000000000000000000000000000000000000000000000000000005f52602160045260245ffd5b60058110611d87577f4e487b71000000000000000000000000000000000000000000000000000000005f52602160045260245ffd5b9052565b5f8151808452602084019350602083015f5b82811015611dbb578151865260209586019590910190600101611d9d565b5093949350505050565b5f8151808452602084019350602083015f5b82811015611dbb57815167ffffffffffffffff16865260209586019590910190600101611dd7565b60208152611e11602082018351611d52565b5f6020830151611e29604084018263ffffffff169052565b50604083015163ffffffff8116606084015250606083015167ffffffffffffffff8116608084015250608083015167ffffffffffffffff811660a08401525060a083015167ffffffffffffffff811660c08401525060c083015167ffffffffffffffff811660e08401525060e083015167ffffffffffffffff811661010084015250610100830151610120830152610120830151610140830152610140830151610180610160840152611ee06101a0840182611d8b565b90506101608401517fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe084830301610180850152611f1d8282611dc5565b95945050505050565b5f5f60408385031215611f37575f5ffd5b50508035926020909101359150565b67ffffffffffffffff81168114611cf4575f5ffd5b8035611f6681611f46565b919050565b5f5f5f5f60608587031215611f7e575f5ffd5b843593506020850135611f9081611f46565b9250604085013567ffffffffffffffff811115611fab575f5ffd5b611fb787828801611c46565b95989497509550505050565b5f5f83601f840112611fd3575f5ffd5b50813567ffffffffffffffff811115611fea575f5ffd5b6020830191508360208260051b8501011115611c84575f5ffd5b5f5f5f5f5f5f5f5f5f5f60e08b8d03121561201d575f5ffd5b8a35995060208b013561202f81611f46565b985060408b013567ffffffffffffffff81111561204a575f5ffd5b6120568d828e01611fc3565b90995097505060608b013567ffffffffffffffff811115612075575f5ffd5b6120818d828e01611fc3565b9097509550612094905060808c01611f5b565b93506120a260a08c01611f5b565b925060c08b013567ffffffffffffffff8111156120bd575f5ffd5b6120c98d828e01611c46565b915080935050809150509295989b9194979a5092959850565b828152604081016120f66020830184611d52565b9392505050565b5f6020828403121561210d575f5ffd5b81516120f681611cd3565b7f4e487b71000000000000000000000000000000000000000000000000000000005f52601160045260245ffd5b5f63ffffffff821663ffffffff810361216057612160612118565b60010192915050565b8183525f7f07ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff831115612199575f5ffd5b8260051b80836020870137939093016020019392505050565b8183526020830192505f815f5b84811015611dbb5781356121d281611f46565b67ffffffffffffffff16865260209586019591909101906001016121bf565b608081525f61220460808301888a612169565b82810360208401526122178187896121b2565b91505067ffffffffffffffff8416604083015267ffffffffffffffff83166060830152979650505050505050565b7f4e487b71000000000000000000000000000000000000000000000000000000005f52604160045260245ffd5b6801000000000000000082111561228b5761228b612245565b80548282558083101561232f576003830160021c825f528060205f200160188560031b168015612308577fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff820180547fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff8360200360031b1c168155505b50816003840160021c0391505f5b8281101561232b575f82820155600101612316565b5050505b505050565b5f813561068a81611f46565b67ffffffffffffffff83111561235857612358612245565b6123628382612272565b5f8181526020902082908460021c5f5b818110156123ce575f5f5b60048110156123c1576123b061239287612334565b67ffffffffffffffff908116600684901b90811b91901b1984161790565b60209690960195915060010161237d565b5083820155600101612372565b507ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc861680870381881461242a575f5f5b828110156124245761241361239288612334565b6020979097019691506001016123ff565b50848401555b5050505050505050565b67ffffffffffffffff83111561244c5761244c612245565b6801000000000000000083111561246557612465612245565b80548382558084101561249957815f528360205f20018482035f5b81811015612495575f83820155600101612480565b5050505b505f8181526020812083915b8581101561232b578235828201556020909201916001016124a5565b5f602082840312156124d1575f5ffd5b815160ff811681146120f6575f5ffd5b67ffffffffffffffff8816815260a060208201525f61250460a08301888a612169565b82810360408401526125178187896121b2565b91505067ffffffffffffffff8416606083015267ffffffffffffffff8316608083015298975050505050505050565b8181038181111561068a5761068a612118565b7f4e487b71000000000000000000000000000000000000000000000000000000005f52603260045260245ffd5b5f6040828403128015612597575f5ffd5b506040805190810167ffffffffffffffff811182821017156125bb576125bb612245565b604052825163ffffffff811681146125d1575f5ffd5b81526020928301519281019290925250919050565b5f5f858511156125f4575f5ffd5b83861115612600575f5ffd5b5050820193919092039150565b8035602083101561068a577fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff602084900360031b1b169291505056",
}

// Grants is an auto generated Go binding around an Ethereum contract.
type Grants struct {
	abi abi.ABI
}

// GetABI returns the ABI associated with this contract binding.
func (c *Grants) GetABI() abi.ABI {
	return c.abi
}

// NewGrants creates a new instance of Grants.
func NewGrants() *Grants {
	parsed, err := GrantsMetaData.ParseABI()
	if err != nil {
		panic(errors.New("invalid ABI: " + err.Error()))
	}
	return &Grants{abi: *parsed}
}

// Instance creates a wrapper for a deployed contract instance at the given address.
// Use this to create the instance object passed to abigen v2 library functions Call, Transact, etc.
func (c *Grants) Instance(backend bind.ContractBackend, addr common.Address) *bind.BoundContract {
	return bind.NewBoundContract(addr, c.abi, backend, backend, backend)
}

// PackConstructor is the Go binding used to pack the parameters required for
// contract deployment.
//
// Solidity: constructor(address registry_) returns()
func (grants *Grants) PackConstructor(registry_ common.Address) []byte {
	enc, err := grants.abi.Pack("", registry_)
	if err != nil {
		panic(err)
	}
	return enc
}

// PackMAXDATASETS is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xc6a0cfe9.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function MAX_DATASETS() view returns(uint256)
func (grants *Grants) PackMAXDATASETS() []byte {
	enc, err := grants.abi.Pack("MAX_DATASETS")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackMAXDATASETS is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xc6a0cfe9.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function MAX_DATASETS() view returns(uint256)
func (grants *Grants) TryPackMAXDATASETS() ([]byte, error) {
	return grants.abi.Pack("MAX_DATASETS")
}

// UnpackMAXDATASETS is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0xc6a0cfe9.
//
// Solidity: function MAX_DATASETS() view returns(uint256)
func (grants *Grants) UnpackMAXDATASETS(data []byte) (*big.Int, error) {
	out, err := grants.abi.Unpack("MAX_DATASETS", data)
	if err != nil {
		return new(big.Int), err
	}
	out0 := abi.ConvertType(out[0], new(big.Int)).(*big.Int)
	return out0, nil
}

// PackApprove is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x9a4d6c5b.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function approve(bytes32 grantHash, uint64 revision, bytes32[] datasets, uint64[] nanoRhoCeilings, uint64 notBefore, uint64 expiry, bytes committeeSignature) returns()
func (grants *Grants) PackApprove(grantHash [32]byte, revision uint64, datasets [][32]byte, nanoRhoCeilings []uint64, notBefore uint64, expiry uint64, committeeSignature []byte) []byte {
	enc, err := grants.abi.Pack("approve", grantHash, revision, datasets, nanoRhoCeilings, notBefore, expiry, committeeSignature)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackApprove is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x9a4d6c5b.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function approve(bytes32 grantHash, uint64 revision, bytes32[] datasets, uint64[] nanoRhoCeilings, uint64 notBefore, uint64 expiry, bytes committeeSignature) returns()
func (grants *Grants) TryPackApprove(grantHash [32]byte, revision uint64, datasets [][32]byte, nanoRhoCeilings []uint64, notBefore uint64, expiry uint64, committeeSignature []byte) ([]byte, error) {
	return grants.abi.Pack("approve", grantHash, revision, datasets, nanoRhoCeilings, notBefore, expiry, committeeSignature)
}

// PackApprovedBy is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x25f6ac85.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function approvedBy(bytes32 grantHash, address committee) view returns((uint8,uint32,uint32,uint64,uint64,uint64,uint64,uint64,bytes32,bytes32,bytes32[],uint64[]))
func (grants *Grants) PackApprovedBy(grantHash [32]byte, committee common.Address) []byte {
	enc, err := grants.abi.Pack("approvedBy", grantHash, committee)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackApprovedBy is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x25f6ac85.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function approvedBy(bytes32 grantHash, address committee) view returns((uint8,uint32,uint32,uint64,uint64,uint64,uint64,uint64,bytes32,bytes32,bytes32[],uint64[]))
func (grants *Grants) TryPackApprovedBy(grantHash [32]byte, committee common.Address) ([]byte, error) {
	return grants.abi.Pack("approvedBy", grantHash, committee)
}

// UnpackApprovedBy is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0x25f6ac85.
//
// Solidity: function approvedBy(bytes32 grantHash, address committee) view returns((uint8,uint32,uint32,uint64,uint64,uint64,uint64,uint64,bytes32,bytes32,bytes32[],uint64[]))
func (grants *Grants) UnpackApprovedBy(data []byte) (GrantsGrant, error) {
	out, err := grants.abi.Unpack("approvedBy", data)
	if err != nil {
		return *new(GrantsGrant), err
	}
	out0 := *abi.ConvertType(out[0], new(GrantsGrant)).(*GrantsGrant)
	return out0, nil
}

// PackGet is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x658cc1f6.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function get(bytes32 grantHash, bytes32 organisation) view returns((uint8,uint32,uint32,uint64,uint64,uint64,uint64,uint64,bytes32,bytes32,bytes32[],uint64[]))
func (grants *Grants) PackGet(grantHash [32]byte, organisation [32]byte) []byte {
	enc, err := grants.abi.Pack("get", grantHash, organisation)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackGet is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x658cc1f6.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function get(bytes32 grantHash, bytes32 organisation) view returns((uint8,uint32,uint32,uint64,uint64,uint64,uint64,uint64,bytes32,bytes32,bytes32[],uint64[]))
func (grants *Grants) TryPackGet(grantHash [32]byte, organisation [32]byte) ([]byte, error) {
	return grants.abi.Pack("get", grantHash, organisation)
}

// UnpackGet is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0x658cc1f6.
//
// Solidity: function get(bytes32 grantHash, bytes32 organisation) view returns((uint8,uint32,uint32,uint64,uint64,uint64,uint64,uint64,bytes32,bytes32,bytes32[],uint64[]))
func (grants *Grants) UnpackGet(data []byte) (GrantsGrant, error) {
	out, err := grants.abi.Unpack("get", data)
	if err != nil {
		return *new(GrantsGrant), err
	}
	out0 := *abi.ConvertType(out[0], new(GrantsGrant)).(*GrantsGrant)
	return out0, nil
}

// PackRegistry is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x7b103999.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function registry() view returns(address)
func (grants *Grants) PackRegistry() []byte {
	enc, err := grants.abi.Pack("registry")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackRegistry is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x7b103999.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function registry() view returns(address)
func (grants *Grants) TryPackRegistry() ([]byte, error) {
	return grants.abi.Pack("registry")
}

// UnpackRegistry is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0x7b103999.
//
// Solidity: function registry() view returns(address)
func (grants *Grants) UnpackRegistry(data []byte) (common.Address, error) {
	out, err := grants.abi.Unpack("registry", data)
	if err != nil {
		return *new(common.Address), err
	}
	out0 := *abi.ConvertType(out[0], new(common.Address)).(*common.Address)
	return out0, nil
}

// PackResume is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xccb2de22.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function resume(bytes32 grantHash, uint64 suspensions, bytes committeeSignature) returns()
func (grants *Grants) PackResume(grantHash [32]byte, suspensions uint64, committeeSignature []byte) []byte {
	enc, err := grants.abi.Pack("resume", grantHash, suspensions, committeeSignature)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackResume is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xccb2de22.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function resume(bytes32 grantHash, uint64 suspensions, bytes committeeSignature) returns()
func (grants *Grants) TryPackResume(grantHash [32]byte, suspensions uint64, committeeSignature []byte) ([]byte, error) {
	return grants.abi.Pack("resume", grantHash, suspensions, committeeSignature)
}

// PackRevoke is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x22ca3886.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function revoke(bytes32 grantHash, bytes committeeSignature) returns()
func (grants *Grants) PackRevoke(grantHash [32]byte, committeeSignature []byte) []byte {
	enc, err := grants.abi.Pack("revoke", grantHash, committeeSignature)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackRevoke is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x22ca3886.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function revoke(bytes32 grantHash, bytes committeeSignature) returns()
func (grants *Grants) TryPackRevoke(grantHash [32]byte, committeeSignature []byte) ([]byte, error) {
	return grants.abi.Pack("revoke", grantHash, committeeSignature)
}

// PackSuspend is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x8eca1f74.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function suspend(bytes32 grantHash, uint64 suspensions, bytes committeeSignature) returns()
func (grants *Grants) PackSuspend(grantHash [32]byte, suspensions uint64, committeeSignature []byte) []byte {
	enc, err := grants.abi.Pack("suspend", grantHash, suspensions, committeeSignature)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackSuspend is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x8eca1f74.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function suspend(bytes32 grantHash, uint64 suspensions, bytes committeeSignature) returns()
func (grants *Grants) TryPackSuspend(grantHash [32]byte, suspensions uint64, committeeSignature []byte) ([]byte, error) {
	return grants.abi.Pack("suspend", grantHash, suspensions, committeeSignature)
}

// GrantsApprovalSigned represents a ApprovalSigned event raised by the Grants contract.
type GrantsApprovalSigned struct {
	GrantHash    [32]byte
	Organisation [32]byte
	Committee    common.Address
	Signatures   uint32
	Raw          *types.Log // Blockchain specific contextual infos
}

const GrantsApprovalSignedEventName = "ApprovalSigned"

// ContractEventName returns the user-defined event name.
func (GrantsApprovalSigned) ContractEventName() string {
	return GrantsApprovalSignedEventName
}

// UnpackApprovalSignedEvent is the Go binding that unpacks the event data emitted
// by contract.
//
// Solidity: event ApprovalSigned(bytes32 indexed grantHash, bytes32 indexed organisation, address indexed committee, uint32 signatures)
func (grants *Grants) UnpackApprovalSignedEvent(log *types.Log) (*GrantsApprovalSigned, error) {
	event := "ApprovalSigned"
	if len(log.Topics) == 0 {
		return nil, bind.ErrNoEventSignature
	}
	if log.Topics[0] != grants.abi.Events[event].ID {
		return nil, bind.ErrEventSignatureMismatch
	}
	out := new(GrantsApprovalSigned)
	if len(log.Data) > 0 {
		if err := grants.abi.UnpackIntoInterface(out, event, log.Data); err != nil {
			return nil, err
		}
	}
	var indexed abi.Arguments
	for _, arg := range grants.abi.Events[event].Inputs {
		if arg.Indexed {
			indexed = append(indexed, arg)
		}
	}
	if err := abi.ParseTopics(out, indexed, log.Topics[1:]); err != nil {
		return nil, err
	}
	out.Raw = log
	return out, nil
}

// GrantsApproved represents a Approved event raised by the Grants contract.
type GrantsApproved struct {
	GrantHash       [32]byte
	Organisation    [32]byte
	Revision        uint64
	Datasets        [][32]byte
	NanoRhoCeilings []uint64
	NotBefore       uint64
	Expiry          uint64
	Raw             *types.Log // Blockchain specific contextual infos
}

const GrantsApprovedEventName = "Approved"

// ContractEventName returns the user-defined event name.
func (GrantsApproved) ContractEventName() string {
	return GrantsApprovedEventName
}

// UnpackApprovedEvent is the Go binding that unpacks the event data emitted
// by contract.
//
// Solidity: event Approved(bytes32 indexed grantHash, bytes32 indexed organisation, uint64 revision, bytes32[] datasets, uint64[] nanoRhoCeilings, uint64 notBefore, uint64 expiry)
func (grants *Grants) UnpackApprovedEvent(log *types.Log) (*GrantsApproved, error) {
	event := "Approved"
	if len(log.Topics) == 0 {
		return nil, bind.ErrNoEventSignature
	}
	if log.Topics[0] != grants.abi.Events[event].ID {
		return nil, bind.ErrEventSignatureMismatch
	}
	out := new(GrantsApproved)
	if len(log.Data) > 0 {
		if err := grants.abi.UnpackIntoInterface(out, event, log.Data); err != nil {
			return nil, err
		}
	}
	var indexed abi.Arguments
	for _, arg := range grants.abi.Events[event].Inputs {
		if arg.Indexed {
			indexed = append(indexed, arg)
		}
	}
	if err := abi.ParseTopics(out, indexed, log.Topics[1:]); err != nil {
		return nil, err
	}
	out.Raw = log
	return out, nil
}

// GrantsResumed represents a Resumed event raised by the Grants contract.
type GrantsResumed struct {
	GrantHash    [32]byte
	Organisation [32]byte
	Suspensions  uint32
	Raw          *types.Log // Blockchain specific contextual infos
}

const GrantsResumedEventName = "Resumed"

// ContractEventName returns the user-defined event name.
func (GrantsResumed) ContractEventName() string {
	return GrantsResumedEventName
}

// UnpackResumedEvent is the Go binding that unpacks the event data emitted
// by contract.
//
// Solidity: event Resumed(bytes32 indexed grantHash, bytes32 indexed organisation, uint32 suspensions)
func (grants *Grants) UnpackResumedEvent(log *types.Log) (*GrantsResumed, error) {
	event := "Resumed"
	if len(log.Topics) == 0 {
		return nil, bind.ErrNoEventSignature
	}
	if log.Topics[0] != grants.abi.Events[event].ID {
		return nil, bind.ErrEventSignatureMismatch
	}
	out := new(GrantsResumed)
	if len(log.Data) > 0 {
		if err := grants.abi.UnpackIntoInterface(out, event, log.Data); err != nil {
			return nil, err
		}
	}
	var indexed abi.Arguments
	for _, arg := range grants.abi.Events[event].Inputs {
		if arg.Indexed {
			indexed = append(indexed, arg)
		}
	}
	if err := abi.ParseTopics(out, indexed, log.Topics[1:]); err != nil {
		return nil, err
	}
	out.Raw = log
	return out, nil
}

// GrantsResumptionSigned represents a ResumptionSigned event raised by the Grants contract.
type GrantsResumptionSigned struct {
	GrantHash    [32]byte
	Organisation [32]byte
	Committee    common.Address
	Signatures   uint32
	Raw          *types.Log // Blockchain specific contextual infos
}

const GrantsResumptionSignedEventName = "ResumptionSigned"

// ContractEventName returns the user-defined event name.
func (GrantsResumptionSigned) ContractEventName() string {
	return GrantsResumptionSignedEventName
}

// UnpackResumptionSignedEvent is the Go binding that unpacks the event data emitted
// by contract.
//
// Solidity: event ResumptionSigned(bytes32 indexed grantHash, bytes32 indexed organisation, address indexed committee, uint32 signatures)
func (grants *Grants) UnpackResumptionSignedEvent(log *types.Log) (*GrantsResumptionSigned, error) {
	event := "ResumptionSigned"
	if len(log.Topics) == 0 {
		return nil, bind.ErrNoEventSignature
	}
	if log.Topics[0] != grants.abi.Events[event].ID {
		return nil, bind.ErrEventSignatureMismatch
	}
	out := new(GrantsResumptionSigned)
	if len(log.Data) > 0 {
		if err := grants.abi.UnpackIntoInterface(out, event, log.Data); err != nil {
			return nil, err
		}
	}
	var indexed abi.Arguments
	for _, arg := range grants.abi.Events[event].Inputs {
		if arg.Indexed {
			indexed = append(indexed, arg)
		}
	}
	if err := abi.ParseTopics(out, indexed, log.Topics[1:]); err != nil {
		return nil, err
	}
	out.Raw = log
	return out, nil
}

// GrantsRevoked represents a Revoked event raised by the Grants contract.
type GrantsRevoked struct {
	GrantHash    [32]byte
	Organisation [32]byte
	Committee    common.Address
	Raw          *types.Log // Blockchain specific contextual infos
}

const GrantsRevokedEventName = "Revoked"

// ContractEventName returns the user-defined event name.
func (GrantsRevoked) ContractEventName() string {
	return GrantsRevokedEventName
}

// UnpackRevokedEvent is the Go binding that unpacks the event data emitted
// by contract.
//
// Solidity: event Revoked(bytes32 indexed grantHash, bytes32 indexed organisation, address indexed committee)
func (grants *Grants) UnpackRevokedEvent(log *types.Log) (*GrantsRevoked, error) {
	event := "Revoked"
	if len(log.Topics) == 0 {
		return nil, bind.ErrNoEventSignature
	}
	if log.Topics[0] != grants.abi.Events[event].ID {
		return nil, bind.ErrEventSignatureMismatch
	}
	out := new(GrantsRevoked)
	if len(log.Data) > 0 {
		if err := grants.abi.UnpackIntoInterface(out, event, log.Data); err != nil {
			return nil, err
		}
	}
	var indexed abi.Arguments
	for _, arg := range grants.abi.Events[event].Inputs {
		if arg.Indexed {
			indexed = append(indexed, arg)
		}
	}
	if err := abi.ParseTopics(out, indexed, log.Topics[1:]); err != nil {
		return nil, err
	}
	out.Raw = log
	return out, nil
}

// GrantsSuspended represents a Suspended event raised by the Grants contract.
type GrantsSuspended struct {
	GrantHash    [32]byte
	Organisation [32]byte
	Committee    common.Address
	Suspensions  uint32
	Raw          *types.Log // Blockchain specific contextual infos
}

const GrantsSuspendedEventName = "Suspended"

// ContractEventName returns the user-defined event name.
func (GrantsSuspended) ContractEventName() string {
	return GrantsSuspendedEventName
}

// UnpackSuspendedEvent is the Go binding that unpacks the event data emitted
// by contract.
//
// Solidity: event Suspended(bytes32 indexed grantHash, bytes32 indexed organisation, address indexed committee, uint32 suspensions)
func (grants *Grants) UnpackSuspendedEvent(log *types.Log) (*GrantsSuspended, error) {
	event := "Suspended"
	if len(log.Topics) == 0 {
		return nil, bind.ErrNoEventSignature
	}
	if log.Topics[0] != grants.abi.Events[event].ID {
		return nil, bind.ErrEventSignatureMismatch
	}
	out := new(GrantsSuspended)
	if len(log.Data) > 0 {
		if err := grants.abi.UnpackIntoInterface(out, event, log.Data); err != nil {
			return nil, err
		}
	}
	var indexed abi.Arguments
	for _, arg := range grants.abi.Events[event].Inputs {
		if arg.Indexed {
			indexed = append(indexed, arg)
		}
	}
	if err := abi.ParseTopics(out, indexed, log.Topics[1:]); err != nil {
		return nil, err
	}
	out.Raw = log
	return out, nil
}

// UnpackError attempts to decode the provided error data using user-defined
// error definitions.
func (grants *Grants) UnpackError(raw []byte) (any, error) {
	if bytes.Equal(raw[:4], grants.abi.Errors["AlreadySigned"].ID.Bytes()[:4]) {
		return grants.UnpackAlreadySignedError(raw[4:])
	}
	if bytes.Equal(raw[:4], grants.abi.Errors["DatasetOrder"].ID.Bytes()[:4]) {
		return grants.UnpackDatasetOrderError(raw[4:])
	}
	if bytes.Equal(raw[:4], grants.abi.Errors["EmptyPeriod"].ID.Bytes()[:4]) {
		return grants.UnpackEmptyPeriodError(raw[4:])
	}
	if bytes.Equal(raw[:4], grants.abi.Errors["GrantExpired"].ID.Bytes()[:4]) {
		return grants.UnpackGrantExpiredError(raw[4:])
	}
	if bytes.Equal(raw[:4], grants.abi.Errors["MalformedSignature"].ID.Bytes()[:4]) {
		return grants.UnpackMalformedSignatureError(raw[4:])
	}
	if bytes.Equal(raw[:4], grants.abi.Errors["NotCommittee"].ID.Bytes()[:4]) {
		return grants.UnpackNotCommitteeError(raw[4:])
	}
	if bytes.Equal(raw[:4], grants.abi.Errors["OtherTerms"].ID.Bytes()[:4]) {
		return grants.UnpackOtherTermsError(raw[4:])
	}
	if bytes.Equal(raw[:4], grants.abi.Errors["UnevenTerms"].ID.Bytes()[:4]) {
		return grants.UnpackUnevenTermsError(raw[4:])
	}
	if bytes.Equal(raw[:4], grants.abi.Errors["WrongStatus"].ID.Bytes()[:4]) {
		return grants.UnpackWrongStatusError(raw[4:])
	}
	if bytes.Equal(raw[:4], grants.abi.Errors["WrongSuspension"].ID.Bytes()[:4]) {
		return grants.UnpackWrongSuspensionError(raw[4:])
	}
	if bytes.Equal(raw[:4], grants.abi.Errors["ZeroGrant"].ID.Bytes()[:4]) {
		return grants.UnpackZeroGrantError(raw[4:])
	}
	return nil, errors.New("Unknown error")
}

// GrantsAlreadySigned represents a AlreadySigned error raised by the Grants contract.
type GrantsAlreadySigned struct {
	Signer common.Address
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error AlreadySigned(address signer)
func GrantsAlreadySignedErrorID() common.Hash {
	return common.HexToHash("0xbf9857a663e77ac568885b3f342ad86a1f763bc34c039d2e98bc829d3fef5a1f")
}

// UnpackAlreadySignedError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error AlreadySigned(address signer)
func (grants *Grants) UnpackAlreadySignedError(raw []byte) (*GrantsAlreadySigned, error) {
	out := new(GrantsAlreadySigned)
	if err := grants.abi.UnpackIntoInterface(out, "AlreadySigned", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// GrantsDatasetOrder represents a DatasetOrder error raised by the Grants contract.
type GrantsDatasetOrder struct {
	Index *big.Int
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error DatasetOrder(uint256 index)
func GrantsDatasetOrderErrorID() common.Hash {
	return common.HexToHash("0x47258d2bd2d7d8363ed13d100ef48113092a520ffaed8ad042bd5ce1d98996b3")
}

// UnpackDatasetOrderError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error DatasetOrder(uint256 index)
func (grants *Grants) UnpackDatasetOrderError(raw []byte) (*GrantsDatasetOrder, error) {
	out := new(GrantsDatasetOrder)
	if err := grants.abi.UnpackIntoInterface(out, "DatasetOrder", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// GrantsEmptyPeriod represents a EmptyPeriod error raised by the Grants contract.
type GrantsEmptyPeriod struct {
	NotBefore uint64
	Expiry    uint64
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error EmptyPeriod(uint64 notBefore, uint64 expiry)
func GrantsEmptyPeriodErrorID() common.Hash {
	return common.HexToHash("0x95d8ad9d9944f6c4554ee4ed3e4f68cf101a0e8d7e6d33aa4cff64befaf7b3dd")
}

// UnpackEmptyPeriodError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error EmptyPeriod(uint64 notBefore, uint64 expiry)
func (grants *Grants) UnpackEmptyPeriodError(raw []byte) (*GrantsEmptyPeriod, error) {
	out := new(GrantsEmptyPeriod)
	if err := grants.abi.UnpackIntoInterface(out, "EmptyPeriod", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// GrantsGrantExpired represents a GrantExpired error raised by the Grants contract.
type GrantsGrantExpired struct {
	Expiry uint64
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error GrantExpired(uint64 expiry)
func GrantsGrantExpiredErrorID() common.Hash {
	return common.HexToHash("0x06bbb9b14c2c00688276c1d4ff5e7aa83d40b86e725d642e9e13d24ce61b31b7")
}

// UnpackGrantExpiredError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error GrantExpired(uint64 expiry)
func (grants *Grants) UnpackGrantExpiredError(raw []byte) (*GrantsGrantExpired, error) {
	out := new(GrantsGrantExpired)
	if err := grants.abi.UnpackIntoInterface(out, "GrantExpired", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// GrantsMalformedSignature represents a MalformedSignature error raised by the Grants contract.
type GrantsMalformedSignature struct {
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error MalformedSignature()
func GrantsMalformedSignatureErrorID() common.Hash {
	return common.HexToHash("0x55a1e16eadce29d71cb136c0493e3881b154dc5303ad068a5a1e01023482b7e2")
}

// UnpackMalformedSignatureError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error MalformedSignature()
func (grants *Grants) UnpackMalformedSignatureError(raw []byte) (*GrantsMalformedSignature, error) {
	out := new(GrantsMalformedSignature)
	if err := grants.abi.UnpackIntoInterface(out, "MalformedSignature", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// GrantsNotCommittee represents a NotCommittee error raised by the Grants contract.
type GrantsNotCommittee struct {
	Signer common.Address
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error NotCommittee(address signer)
func GrantsNotCommitteeErrorID() common.Hash {
	return common.HexToHash("0x2700fdd3ff2d386dadb57e0cacb4a317311784251c7ab21378bec507b4884d27")
}

// UnpackNotCommitteeError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error NotCommittee(address signer)
func (grants *Grants) UnpackNotCommitteeError(raw []byte) (*GrantsNotCommittee, error) {
	out := new(GrantsNotCommittee)
	if err := grants.abi.UnpackIntoInterface(out, "NotCommittee", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// GrantsOtherTerms represents a OtherTerms error raised by the Grants contract.
type GrantsOtherTerms struct {
	GrantHash [32]byte
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error OtherTerms(bytes32 grantHash)
func GrantsOtherTermsErrorID() common.Hash {
	return common.HexToHash("0x57080420fcfdb990cbace7b5f93b89b18d66eb24aef4394e4b1bfefa82f232fc")
}

// UnpackOtherTermsError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error OtherTerms(bytes32 grantHash)
func (grants *Grants) UnpackOtherTermsError(raw []byte) (*GrantsOtherTerms, error) {
	out := new(GrantsOtherTerms)
	if err := grants.abi.UnpackIntoInterface(out, "OtherTerms", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// GrantsUnevenTerms represents a UnevenTerms error raised by the Grants contract.
type GrantsUnevenTerms struct {
	Datasets *big.Int
	Ceilings *big.Int
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error UnevenTerms(uint256 datasets, uint256 ceilings)
func GrantsUnevenTermsErrorID() common.Hash {
	return common.HexToHash("0x24903f4a35fa1258b28c7069a8e4cb0cc9bf59aebbdf0ba93e31dab45a58beb0")
}

// UnpackUnevenTermsError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error UnevenTerms(uint256 datasets, uint256 ceilings)
func (grants *Grants) UnpackUnevenTermsError(raw []byte) (*GrantsUnevenTerms, error) {
	out := new(GrantsUnevenTerms)
	if err := grants.abi.UnpackIntoInterface(out, "UnevenTerms", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// GrantsWrongStatus represents a WrongStatus error raised by the Grants contract.
type GrantsWrongStatus struct {
	GrantHash [32]byte
	Status    uint8
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error WrongStatus(bytes32 grantHash, uint8 status)
func GrantsWrongStatusErrorID() common.Hash {
	return common.HexToHash("0x9d81974470eb5e30f285b1055c396a387d885a43a0fb39f84dcb3764cbc907a1")
}

// UnpackWrongStatusError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error WrongStatus(bytes32 grantHash, uint8 status)
func (grants *Grants) UnpackWrongStatusError(raw []byte) (*GrantsWrongStatus, error) {
	out := new(GrantsWrongStatus)
	if err := grants.abi.UnpackIntoInterface(out, "WrongStatus", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// GrantsWrongSuspension represents a WrongSuspension error raised by the Grants contract.
type GrantsWrongSuspension struct {
	Named       uint64
	Suspensions uint64
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error WrongSuspension(uint64 named, uint64 suspensions)
func GrantsWrongSuspensionErrorID() common.Hash {
	return common.HexToHash("0xa3195298fd273eb25bc6316a2cd3bc934c640341a03ba42cca0305f644225783")
}

// UnpackWrongSuspensionError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error WrongSuspension(uint64 named, uint64 suspensions)
func (grants *Grants) UnpackWrongSuspensionError(raw []byte) (*GrantsWrongSuspension, error) {
	out := new(GrantsWrongSuspension)
	if err := grants.abi.UnpackIntoInterface(out, "WrongSuspension", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// GrantsZeroGrant represents a ZeroGrant error raised by the Grants contract.
type GrantsZeroGrant struct {
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error ZeroGrant()
func GrantsZeroGrantErrorID() common.Hash {
	return common.HexToHash("0x012ef9bea0def5aa953e9abd9e34ea1c7ba4dd604fc1c68e7fd0b58771e40d42")
}

// UnpackZeroGrantError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error ZeroGrant()
func (grants *Grants) UnpackZeroGrantError(raw []byte) (*GrantsZeroGrant, error) {
	out := new(GrantsZeroGrant)
	if err := grants.abi.UnpackIntoInterface(out, "ZeroGrant", raw); err != nil {
		return nil, err
	}
	return out, nil
}

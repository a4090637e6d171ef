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
	Revision        uint64
	NotBefore       uint64
	Expiry          uint64
	ApprovedAt      uint64
	RevokedAt       uint64
	Committee       common.Address
	Organisation    [32]byte
	Datasets        [][32]byte
	NanoRhoCeilings []uint64
}

// GrantsMetaData contains all meta data concerning the Grants contract.
var GrantsMetaData = bind.MetaData{
	ABI: "[{\"inputs\":[{\"internalType\":\"contractRegistry\",\"name\":\"registry_\",\"type\":\"address\"}],\"stateMutability\":\"nonpayable\",\"type\":\"constructor\"},{\"inputs\":[{\"internalType\":\"bytes32\",\"name\":\"grantHash\",\"type\":\"bytes32\"}],\"name\":\"AlreadyApproved\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"uint256\",\"name\":\"index\",\"type\":\"uint256\"}],\"name\":\"DatasetOrder\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"uint64\",\"name\":\"notBefore\",\"type\":\"uint64\"},{\"internalType\":\"uint64\",\"name\":\"expiry\",\"type\":\"uint64\"}],\"name\":\"EmptyPeriod\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"uint64\",\"name\":\"expiry\",\"type\":\"uint64\"}],\"name\":\"GrantExpired\",\"type\":\"error\"},{\"inputs\":[],\"name\":\"MalformedSignature\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"bytes32\",\"name\":\"grantHash\",\"type\":\"bytes32\"}],\"name\":\"NotActive\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"address\",\"name\":\"signer\",\"type\":\"address\"}],\"name\":\"NotCommittee\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"address\",\"name\":\"signer\",\"type\":\"address\"}],\"name\":\"OtherCommittee\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"uint256\",\"name\":\"datasets\",\"type\":\"uint256\"},{\"internalType\":\"uint256\",\"name\":\"ceilings\",\"type\":\"uint256\"}],\"name\":\"UnevenTerms\",\"type\":\"error\"},{\"inputs\":[],\"name\":\"ZeroGrant\",\"type\":\"error\"},{\"anonymous\":false,\"inputs\":[{\"indexed\":true,\"internalType\":\"bytes32\",\"name\":\"grantHash\",\"type\":\"bytes32\"},{\"indexed\":true,\"internalType\":\"address\",\"name\":\"committee\",\"type\":\"address\"},{\"indexed\":true,\"internalType\":\"bytes32\",\"name\":\"organisation\",\"type\":\"bytes32\"},{\"indexed\":false,\"internalType\":\"uint64\",\"name\":\"revision\",\"type\":\"uint64\"},{\"indexed\":false,\"internalType\":\"bytes32[]\",\"name\":\"datasets\",\"type\":\"bytes32[]\"},{\"indexed\":false,\"internalType\":\"uint64[]\",\"name\":\"nanoRhoCeilings\",\"type\":\"uint64[]\"},{\"indexed\":false,\"internalType\":\"uint64\",\"name\":\"notBefore\",\"type\":\"uint64\"},{\"indexed\":false,\"internalType\":\"uint64\",\"name\":\"expiry\",\"type\":\"uint64\"}],\"name\":\"Approved\",\"type\":\"event\"},{\"anonymous\":false,\"inputs\":[{\"indexed\":true,\"internalType\":\"bytes32\",\"name\":\"grantHash\",\"type\":\"bytes32\"},{\"indexed\":true,\"internalType\":\"address\",\"name\":\"committee\",\"type\":\"address\"}],\"name\":\"Revoked\",\"type\":\"event\"},{\"inputs\":[],\"name\":\"MAX_DATASETS\",\"outputs\":[{\"internalType\":\"uint256\",\"name\":\"\",\"type\":\"uint256\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[{\"internalType\":\"bytes32\",\"name\":\"grantHash\",\"type\":\"bytes32\"},{\"internalType\":\"uint64\",\"name\":\"revision\",\"type\":\"uint64\"},{\"internalType\":\"bytes32[]\",\"name\":\"datasets\",\"type\":\"bytes32[]\"},{\"internalType\":\"uint64[]\",\"name\":\"nanoRhoCeilings\",\"type\":\"uint64[]\"},{\"internalType\":\"uint64\",\"name\":\"notBefore\",\"type\":\"uint64\"},{\"internalType\":\"uint64\",\"name\":\"expiry\",\"type\":\"uint64\"},{\"internalType\":\"bytes\",\"name\":\"committeeSignature\",\"type\":\"bytes\"}],\"name\":\"approve\",\"outputs\":[],\"stateMutability\":\"nonpayable\",\"type\":\"function\"},{\"inputs\":[{\"internalType\":\"bytes32\",\"name\":\"grantHash\",\"type\":\"bytes32\"}],\"name\":\"get\",\"outputs\":[{\"components\":[{\"internalType\":\"enumGrants.Status\",\"name\":\"status\",\"type\":\"uint8\"},{\"internalType\":\"uint64\",\"name\":\"revision\",\"type\":\"uint64\"},{\"internalType\":\"uint64\",\"name\":\"notBefore\",\"type\":\"uint64\"},{\"internalType\":\"uint64\",\"name\":\"expiry\",\"type\":\"uint64\"},{\"internalType\":\"uint64\",\"name\":\"approvedAt\",\"type\":\"uint64\"},{\"internalType\":\"uint64\",\"name\":\"revokedAt\",\"type\":\"uint64\"},{\"internalType\":\"address\",\"name\":\"committee\",\"type\":\"address\"},{\"internalType\":\"bytes32\",\"name\":\"organisation\",\"type\":\"bytes32\"},{\"internalType\":\"bytes32[]\",\"name\":\"datasets\",\"type\":\"bytes32[]\"},{\"internalType\":\"uint64[]\",\"name\":\"nanoRhoCeilings\",\"type\":\"uint64[]\"}],\"internalType\":\"structGrants.Grant\",\"name\":\"\",\"type\":\"tuple\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[],\"name\":\"registry\",\"outputs\":[{\"internalType\":\"contractRegistry\",\"name\":\"\",\"type\":\"address\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[{\"internalType\":\"bytes32\",\"name\":\"grantHash\",\"type\":\"bytes32\"},{\"internalType\":\"bytes\",\"name\":\"committeeSignature\",\"type\":\"bytes\"}],\"name\":\"revoke\",\"outputs\":[],\"stateMutability\":\"nonpayable\",\"type\":\"function\"}]",
	ID:  "Grants",
	Bin: "0x60e060405234801561000f575f5ffd5b506040516119ea3803806119ea83398101604081905261002e91610138565b604080517fc2f8787176b8ac6bf7215b4adcc1e069bf4ab82d9ab1df05a57a91d425935b6e60208201527f41c6be6c542c86c5d4ad0471bc7d3801d85a48737393d1ff000dbb1e1bc8d142918101919091527fc89efdaa54c0f20c7adf612882df0950f5a951637e0307cdcb4c672f298b8bc6606082015246608082015260a00160408051601f1981840301815282825280516020918201206080526001600160a01b03841660a08190526394391a6d60e01b8452915191926394391a6d92600480830193928290030181865afa15801561010b573d5f5f3e3d5ffd5b505050506040513d601f19601f8201168201806040525081019061012f9190610165565b60c0525061017c565b5f60208284031215610148575f5ffd5b81516001600160a01b038116811461015e575f5ffd5b9392505050565b5f60208284031215610175575f5ffd5b5051919050565b60805160a05160c0516118376101b35f395f8181610149015261062301525f818160820152610a7e01525f610e0c01526118375ff3fe608060405234801561000f575f5ffd5b5060043610610064575f3560e01c80638eaa6ac01161004d5780638eaa6ac0146100ce5780639a4d6c5b146100ee578063c6a0cfe914610101575f5ffd5b806322ca3886146100685780637b1039991461007d575b5f5ffd5b61007b610076366004610fa4565b610117565b005b6100a47f000000000000000000000000000000000000000000000000000000000000000081565b60405173ffffffffffffffffffffffffffffffffffffffff90911681526020015b60405180910390f35b6100e16100dc366004610fec565b61033b565b6040516100c591906110dd565b61007b6100fc366004611251565b610548565b610109604081565b6040519081526020016100c5565b604080517fcd2a3a01a14c33cabfe2b31e8e874e0b587906149d2abfa527c51aa9d5e13ce160208201529081018490527f000000000000000000000000000000000000000000000000000000000000000060608201525f90819061019590608001604051602081830303815290604052805190602001208585610a27565b5f87815260208190526040902091935091506001815460ff1660028111156101bf576101bf611003565b148690610204576040517fdb39125e0000000000000000000000000000000000000000000000000000000081526004016101fb91815260200190565b60405180910390fd5b50600281015473ffffffffffffffffffffffffffffffffffffffff848116911614806102335750806003015482145b8390610284576040517fee607e7200000000000000000000000000000000000000000000000000000000815273ffffffffffffffffffffffffffffffffffffffff90911660048201526024016101fb565b5080547fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff0016600217815560018101805467ffffffffffffffff431668010000000000000000027fffffffffffffffffffffffffffffffff0000000000000000ffffffffffffffff90911617905560405173ffffffffffffffffffffffffffffffffffffffff84169087907f5bc2baf870c5baf189838b5e0b0e3b04a3263e2df5d305d1c15f3e6022f5dc45905f90a3505050505050565b6040805161014080820183525f808352602080840182905283850182905260608085018390526080850183905260a0850183905260c0850183905260e0850183905261010085018190526101208501528582528190528390208351918201909352825491929091829060ff1660028111156103b8576103b8611003565b60028111156103c9576103c9611003565b8152815467ffffffffffffffff610100808304821660208086019190915269010000000000000000008404831660408087019190915271010000000000000000000000000000000000909404831660608601526001860154808416608087015268010000000000000000900490921660a0850152600285015473ffffffffffffffffffffffffffffffffffffffff1660c0850152600385015460e08501526004850180548451818502810185019095528085529190940193918301828280156104af57602002820191905f5260205f20905b81548152602001906001019080831161049b575b505050505081526020016005820180548060200260200160405190810160405280929190818152602001828054801561053857602002820191905f5260205f20905f905b82829054906101000a900467ffffffffffffffff1667ffffffffffffffff16815260200190600801906020826007010492830192600103820291508084116104f35790505b5050505050815250509050919050565b5f8a9003610582576040517f012ef9be00000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b610590888888888888610b50565b5f8888888888886040516020016105ac969594939291906113b3565b604080517fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe081840301815282825280516020918201207f0371dba2603ca4588dbcfb0ed7c3976223dd73ae8f527570c68ec8a1dbcefa0d918401919091529082018d905267ffffffffffffffff808d1660608401527f00000000000000000000000000000000000000000000000000000000000000006080840152861660a083015260c0820181905291505f90819061067f9060e001604051602081830303815290604052805190602001208686610a27565b90925090505f5f8e81526020819052604090205460ff1660028111156106a7576106a7611003565b148d906106e3576040517fc6dfbb7e0000000000000000000000000000000000000000000000000000000081526004016101fb91815260200190565b5060408051610140810190915280600181526020018d67ffffffffffffffff1681526020018867ffffffffffffffff1681526020018767ffffffffffffffff1681526020014367ffffffffffffffff1681526020015f67ffffffffffffffff1681526020018373ffffffffffffffffffffffffffffffffffffffff1681526020018281526020018c8c808060200260200160405190810160405280939291908181526020018383602002808284375f920191909152505050908252506040805160208c810282810182019093528c82529283019290918d918d9182918501908490808284375f9201829052509390945250508f8152602081905260409020825181549192509082907fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff0016600183600281111561082157610821611003565b021790555060208201518154604084015160608501517fffffffffffffffffffffffffffffff00000000000000000000000000000000ff90921661010067ffffffffffffffff94851681027fffffffffffffffffffffffffffffff0000000000000000ffffffffffffffffff1691909117690100000000000000000092851692909202919091177fffffffffffffff0000000000000000ffffffffffffffffffffffffffffffffff167101000000000000000000000000000000000092841692909202919091178355608084015160018401805460a08701519285167fffffffffffffffffffffffffffffffff00000000000000000000000000000000909116176801000000000000000092909416919091029290921790915560c08301516002830180547fffffffffffffffffffffffff00000000000000000000000000000000000000001673ffffffffffffffffffffffffffffffffffffffff90921691909117905560e0830151600383015582015160048201906109a29082611434565b5061012082015160058201906109b89082611593565b50905050808273ffffffffffffffffffffffffffffffffffffffff168e7fb31e778ddee70dc1f1daee5906d310011e3813ad3e69651affca70c86f1da4248f8f8f8f8f8f8f604051610a1097969594939291906116a4565b60405180910390a450505050505050505050505050565b5f5f610a34858585610cf7565b6040517f2605b3c700000000000000000000000000000000000000000000000000000000815273ffffffffffffffffffffffffffffffffffffffff80831660048301529193505f917f00000000000000000000000000000000000000000000000000000000000000001690632605b3c7906024016040805180830381865afa158015610ac2573d5f5f3e3d5ffd5b505050506040513d601f19601f82011682018060405250810190610ae69190611709565b80519091508390600216610b3f576040517f2700fdd300000000000000000000000000000000000000000000000000000000815273ffffffffffffffffffffffffffffffffffffffff90911660048201526024016101fb565b508060200151915050935093915050565b8483148015610b5e57508415155b8015610b6b575060408511155b85908490610bae576040517f24903f4a000000000000000000000000000000000000000000000000000000008152600481019290925260248201526044016101fb565b50600190505b85811015610c3d578686610bc9600184611769565b818110610bd857610bd86117a7565b90506020020135878783818110610bf157610bf16117a7565b90506020020135118190610c34576040517f47258d2b0000000000000000000000000000000000000000000000000000000081526004016101fb91815260200190565b50600101610bb4565b50818167ffffffffffffffff80821690831610610c9a576040517f95d8ad9d00000000000000000000000000000000000000000000000000000000815267ffffffffffffffff9283166004820152911660248201526044016101fb565b50508067ffffffffffffffff1642108190610cee576040517f06bbb9b100000000000000000000000000000000000000000000000000000000815267ffffffffffffffff90911660048201526024016101fb565b50505050505050565b5f60418214610d32576040517f55a1e16e00000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b5f610d416040602085876117d4565b610d4a916117fb565b90505f84846040818110610d6057610d606117a7565b919091013560f81c9150507f7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a08211801590610dab57508060ff16601b1480610dab57508060ff16601c145b610de1576040517f55a1e16e00000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b6040517f190100000000000000000000000000000000000000000000000000000000000060208201527f00000000000000000000000000000000000000000000000000000000000000006022820152604281018790525f90606201604080517fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe08184030181529190528051602091820120915060019082908490610e87905f8a8c6117d4565b610e90916117fb565b604080515f8152602081018083529490945260ff9092169183019190915260608201526080810185905260a0016020604051602081039080840390855afa158015610edd573d5f5f3e3d5ffd5b50506040517fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0015194505073ffffffffffffffffffffffffffffffffffffffff8416610f55576040517f55a1e16e00000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b5050509392505050565b5f5f83601f840112610f6f575f5ffd5b50813567ffffffffffffffff811115610f86575f5ffd5b602083019150836020828501011115610f9d575f5ffd5b9250929050565b5f5f5f60408486031215610fb6575f5ffd5b83359250602084013567ffffffffffffffff811115610fd3575f5ffd5b610fdf86828701610f5f565b9497909650939450505050565b5f60208284031215610ffc575f5ffd5b5035919050565b7f4e487b71000000000000000000000000000000000000000000000000000000005f52602160045260245ffd5b60038110611065577f4e487b71000000000000000000000000000000000000000000000000000000005f52602160045260245ffd5b9052565b5f8151808452602084019350602083015f5b8281101561109957815186526020958601959091019060010161107b565b5093949350505050565b5f8151808452602084019350602083015f5b8281101561109957815167ffffffffffffffff168652602095860195909101906001016110b5565b602081526110ef602082018351611030565b5f602083015161110b604084018267ffffffffffffffff169052565b50604083015167ffffffffffffffff8116606084015250606083015167ffffffffffffffff8116608084015250608083015167ffffffffffffffff811660a08401525060a083015167ffffffffffffffff811660c08401525060c083015173ffffffffffffffffffffffffffffffffffffffff811660e08401525060e08301516101008301526101008301516101406101208401526111ae610160840182611069565b90506101208401517fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0848303016101408501526111eb82826110a3565b95945050505050565b803567ffffffffffffffff8116811461120b575f5ffd5b919050565b5f5f83601f840112611220575f5ffd5b50813567ffffffffffffffff811115611237575f5ffd5b6020830191508360208260051b8501011115610f9d575f5ffd5b5f5f5f5f5f5f5f5f5f5f60e08b8d03121561126a575f5ffd5b8a35995061127a60208c016111f4565b985060408b013567ffffffffffffffff811115611295575f5ffd5b6112a18d828e01611210565b90995097505060608b013567ffffffffffffffff8111156112c0575f5ffd5b6112cc8d828e01611210565b90975095506112df905060808c016111f4565b93506112ed60a08c016111f4565b925060c08b013567ffffffffffffffff811115611308575f5ffd5b6113148d828e01610f5f565b915080935050809150509295989b9194979a5092959850565b8183525f7f07ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff83111561135d575f5ffd5b8260051b80836020870137939093016020019392505050565b8183526020830192505f815f5b848110156110995767ffffffffffffffff61139d836111f4565b1686526020958601959190910190600101611383565b608081525f6113c660808301888a61132d565b82810360208401526113d9818789611376565b91505067ffffffffffffffff8416604083015267ffffffffffffffff83166060830152979650505050505050565b7f4e487b71000000000000000000000000000000000000000000000000000000005f52604160045260245ffd5b815167ffffffffffffffff81111561144e5761144e611407565b6801000000000000000081111561146757611467611407565b81548183558082101561149b57825f528160205f20018282035f5b81811015611497575f83820155600101611482565b5050505b50602083016114af835f9081526020902090565b5f5b838110156114cd578251828201556020909201916001016114b1565b505050505050565b680100000000000000008211156114ee576114ee611407565b80548282558083101561158e576003830160021c825f528060205f200160188560031b16801561156b577fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff820180547fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff8360200360031b1c168155505b50816003840160021c0391505f5b828110156114cd575f82820155600101611579565b505050565b815167ffffffffffffffff8111156115ad576115ad611407565b6115b781836114d5565b602083016115ca835f9081526020902090565b8260021c5f5b81811015611635575f5f5b6004811015611628576116176115f9875167ffffffffffffffff1690565b67ffffffffffffffff908116600684901b90811b91901b1984161790565b6020969096019591506001016115db565b50838201556001016115d0565b507ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc841680850381861461169a575f5f5b82811015611694576116836115f9885167ffffffffffffffff1690565b602097909701969150600101611666565b50848401555b5050505050505050565b67ffffffffffffffff8816815260a060208201525f6116c760a08301888a61132d565b82810360408401526116da818789611376565b91505067ffffffffffffffff8416606083015267ffffffffffffffff8316608083015298975050505050505050565b5f604082840312801561171a575f5ffd5b506040805190810167ffffffffffffffff8111828210171561173e5761173e611407565b604052825163ffffffff81168114611754575f5ffd5b81526020928301519281019290925250919050565b818103818111156117a1577f4e487b71000000000000000000000000000000000000000000000000000000005f52601160045260245ffd5b92915050565b7f4e487b71000000000000000000000000000000000000000000000000000000005f52603260045260245ffd5b5f5f858511156117e2575f5ffd5b838611156117ee575f5ffd5b5050820193919092039150565b803560208310156117a1577fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff602084900360031b1b169291505056",
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

// PackGet is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x8eaa6ac0.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function get(bytes32 grantHash) view returns((uint8,uint64,uint64,uint64,uint64,uint64,address,bytes32,bytes32[],uint64[]))
func (grants *Grants) PackGet(grantHash [32]byte) []byte {
	enc, err := grants.abi.Pack("get", grantHash)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackGet is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x8eaa6ac0.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function get(bytes32 grantHash) view returns((uint8,uint64,uint64,uint64,uint64,uint64,address,bytes32,bytes32[],uint64[]))
func (grants *Grants) TryPackGet(grantHash [32]byte) ([]byte, error) {
	return grants.abi.Pack("get", grantHash)
}

// UnpackGet is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0x8eaa6ac0.
//
// Solidity: function get(bytes32 grantHash) view returns((uint8,uint64,uint64,uint64,uint64,uint64,address,bytes32,bytes32[],uint64[]))
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

// GrantsApproved represents a Approved event raised by the Grants contract.
type GrantsApproved struct {
	GrantHash       [32]byte
	Committee       common.Address
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
// Solidity: event Approved(bytes32 indexed grantHash, address indexed committee, bytes32 indexed organisation, uint64 revision, bytes32[] datasets, uint64[] nanoRhoCeilings, uint64 notBefore, uint64 expiry)
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

// GrantsRevoked represents a Revoked event raised by the Grants contract.
type GrantsRevoked struct {
	GrantHash [32]byte
	Committee common.Address
	Raw       *types.Log // Blockchain specific contextual infos
}

const GrantsRevokedEventName = "Revoked"

// ContractEventName returns the user-defined event name.
func (GrantsRevoked) ContractEventName() string {
	return GrantsRevokedEventName
}

// UnpackRevokedEvent is the Go binding that unpacks the event data emitted
// by contract.
//
// Solidity: event Revoked(bytes32 indexed grantHash, address indexed committee)
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

// UnpackError attempts to decode the provided error data using user-defined
// error definitions.
func (grants *Grants) UnpackError(raw []byte) (any, error) {
	if bytes.Equal(raw[:4], grants.abi.Errors["AlreadyApproved"].ID.Bytes()[:4]) {
		return grants.UnpackAlreadyApprovedError(raw[4:])
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
	if bytes.Equal(raw[:4], grants.abi.Errors["NotActive"].ID.Bytes()[:4]) {
		return grants.UnpackNotActiveError(raw[4:])
	}
	if bytes.Equal(raw[:4], grants.abi.Errors["NotCommittee"].ID.Bytes()[:4]) {
		return grants.UnpackNotCommitteeError(raw[4:])
	}
	if bytes.Equal(raw[:4], grants.abi.Errors["OtherCommittee"].ID.Bytes()[:4]) {
		return grants.UnpackOtherCommitteeError(raw[4:])
	}
	if bytes.Equal(raw[:4], grants.abi.Errors["UnevenTerms"].ID.Bytes()[:4]) {
		return grants.UnpackUnevenTermsError(raw[4:])
	}
	if bytes.Equal(raw[:4], grants.abi.Errors["ZeroGrant"].ID.Bytes()[:4]) {
		return grants.UnpackZeroGrantError(raw[4:])
	}
	return nil, errors.New("Unknown error")
}

// GrantsAlreadyApproved represents a AlreadyApproved error raised by the Grants contract.
type GrantsAlreadyApproved struct {
	GrantHash [32]byte
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error AlreadyApproved(bytes32 grantHash)
func GrantsAlreadyApprovedErrorID() common.Hash {
	return common.HexToHash("0xc6dfbb7eb7467462561e3b796475e3ec08b70073265307a38257fee4734f5220")
}

// UnpackAlreadyApprovedError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error AlreadyApproved(bytes32 grantHash)
func (grants *Grants) UnpackAlreadyApprovedError(raw []byte) (*GrantsAlreadyApproved, error) {
	out := new(GrantsAlreadyApproved)
	if err := grants.abi.UnpackIntoInterface(out, "AlreadyApproved", raw); err != nil {
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

// GrantsNotActive represents a NotActive error raised by the Grants contract.
type GrantsNotActive struct {
	GrantHash [32]byte
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error NotActive(bytes32 grantHash)
func GrantsNotActiveErrorID() common.Hash {
	return common.HexToHash("0xdb39125e6c9e818f8d143b0551dd476267fb335183e96c6ede26c15cd61ddb76")
}

// UnpackNotActiveError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error NotActive(bytes32 grantHash)
func (grants *Grants) UnpackNotActiveError(raw []byte) (*GrantsNotActive, error) {
	out := new(GrantsNotActive)
	if err := grants.abi.UnpackIntoInterface(out, "NotActive", raw); err != nil {
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

// GrantsOtherCommittee represents a OtherCommittee error raised by the Grants contract.
type GrantsOtherCommittee struct {
	Signer common.Address
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error OtherCommittee(address signer)
func GrantsOtherCommitteeErrorID() common.Hash {
	return common.HexToHash("0xee607e7256ea5c5f09356184a7c5a23f2a1b782415e680ecd3265a08e62b5b7f")
}

// UnpackOtherCommitteeError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error OtherCommittee(address signer)
func (grants *Grants) UnpackOtherCommitteeError(raw []byte) (*GrantsOtherCommittee, error) {
	out := new(GrantsOtherCommittee)
	if err := grants.abi.UnpackIntoInterface(out, "OtherCommittee", raw); err != nil {
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

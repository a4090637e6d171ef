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

// AnchorsMetaData contains all meta data concerning the Anchors contract.
var AnchorsMetaData = bind.MetaData{
	ABI: "[{\"inputs\":[{\"internalType\":\"contractRegistry\",\"name\":\"registry_\",\"type\":\"address\"}],\"stateMutability\":\"nonpayable\",\"type\":\"constructor\"},{\"inputs\":[{\"internalType\":\"uint64\",\"name\":\"allowed\",\"type\":\"uint64\"},{\"internalType\":\"uint64\",\"name\":\"nanoRho\",\"type\":\"uint64\"}],\"name\":\"AllowanceFell\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"address\",\"name\":\"caller\",\"type\":\"address\"}],\"name\":\"NotAllower\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"address\",\"name\":\"caller\",\"type\":\"address\"}],\"name\":\"NotAnchorer\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"bytes32\",\"name\":\"anchored\",\"type\":\"bytes32\"},{\"internalType\":\"bytes32\",\"name\":\"root\",\"type\":\"bytes32\"}],\"name\":\"RootConflict\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"uint64\",\"name\":\"latest\",\"type\":\"uint64\"},{\"internalType\":\"uint64\",\"name\":\"size\",\"type\":\"uint64\"}],\"name\":\"SizeFell\",\"type\":\"error\"},{\"inputs\":[],\"name\":\"ZeroDataset\",\"type\":\"error\"},{\"inputs\":[],\"name\":\"ZeroRoot\",\"type\":\"error\"},{\"anonymous\":false,\"inputs\":[{\"indexed\":true,\"internalType\":\"address\",\"name\":\"provider\",\"type\":\"address\"},{\"indexed\":true,\"internalType\":\"bytes32\",\"name\":\"dataset\",\"type\":\"bytes32\"},{\"indexed\":false,\"internalType\":\"uint64\",\"name\":\"nanoRho\",\"type\":\"uint64\"}],\"name\":\"Allowed\",\"type\":\"event\"},{\"anonymous\":false,\"inputs\":[{\"indexed\":true,\"internalType\":\"bytes32\",\"name\":\"logId\",\"type\":\"bytes32\"},{\"indexed\":true,\"internalType\":\"address\",\"name\":\"keeper\",\"type\":\"address\"},{\"indexed\":true,\"internalType\":\"uint64\",\"name\":\"size\",\"type\":\"uint64\"},{\"indexed\":false,\"internalType\":\"bytes32\",\"name\":\"kind\",\"type\":\"bytes32\"},{\"indexed\":false,\"internalType\":\"bytes32\",\"name\":\"root\",\"type\":\"bytes32\"}],\"name\":\"Anchored\",\"type\":\"event\"},{\"inputs\":[{\"internalType\":\"bytes32\",\"name\":\"dataset\",\"type\":\"bytes32\"},{\"internalType\":\"uint64\",\"name\":\"nanoRho\",\"type\":\"uint64\"}],\"name\":\"allow\",\"outputs\":[],\"stateMutability\":\"nonpayable\",\"type\":\"function\"},{\"inputs\":[{\"internalType\":\"address\",\"name\":\"provider\",\"type\":\"address\"},{\"internalType\":\"bytes32\",\"name\":\"dataset\",\"type\":\"bytes32\"}],\"name\":\"allowance\",\"outputs\":[{\"internalType\":\"uint64\",\"name\":\"\",\"type\":\"uint64\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[{\"internalType\":\"bytes32\",\"name\":\"kind\",\"type\":\"bytes32\"},{\"internalType\":\"uint64\",\"name\":\"size\",\"type\":\"uint64\"},{\"internalType\":\"bytes32\",\"name\":\"root\",\"type\":\"bytes32\"}],\"name\":\"anchor\",\"outputs\":[],\"stateMutability\":\"nonpayable\",\"type\":\"function\"},{\"inputs\":[{\"internalType\":\"address\",\"name\":\"keeper\",\"type\":\"address\"},{\"internalType\":\"bytes32\",\"name\":\"kind\",\"type\":\"bytes32\"}],\"name\":\"logIdOf\",\"outputs\":[{\"internalType\":\"bytes32\",\"name\":\"\",\"type\":\"bytes32\"}],\"stateMutability\":\"pure\",\"type\":\"function\"},{\"inputs\":[{\"internalType\":\"bytes32\",\"name\":\"logId\",\"type\":\"bytes32\"}],\"name\":\"newest\",\"outputs\":[{\"internalType\":\"uint64\",\"name\":\"size\",\"type\":\"uint64\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[],\"name\":\"registry\",\"outputs\":[{\"internalType\":\"contractRegistry\",\"name\":\"\",\"type\":\"address\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[{\"internalType\":\"bytes32\",\"name\":\"logId\",\"type\":\"bytes32\"},{\"internalType\":\"uint64\",\"name\":\"size\",\"type\":\"uint64\"}],\"name\":\"roots\",\"outputs\":[{\"internalType\":\"bytes32\",\"name\":\"root\",\"type\":\"bytes32\"}],\"stateMutability\":\"view\",\"type\":\"function\"}]",
	ID:  "Anchors",
	Bin: "0x60a060405234801561000f575f5ffd5b50604051610ac6380380610ac683398101604081905261002e9161003f565b6001600160a01b031660805261006c565b5f6020828403121561004f575f5ffd5b81516001600160a01b0381168114610065575f5ffd5b9392505050565b608051610a266100a05f395f81816101020152818161020d01528181610513015281816105fa01526107340152610a265ff3fe608060405234801561000f575f5ffd5b506004361061007a575f3560e01c80637c8635c6116100585780637c8635c61461014957806399f2905514610170578063bcf9fcad146101b2578063dea1828e146101c5575f5ffd5b806335c790d11461007e57806370c127c6146100e85780637b103999146100fd575b5f5ffd5b6100d561008c36600461092b565b6040805173ffffffffffffffffffffffffffffffffffffffff841660208201529081018290525f9060600160405160208183030381529060405280519060200120905092915050565b6040519081526020015b60405180910390f35b6100fb6100f6366004610971565b6101d8565b005b6101247f000000000000000000000000000000000000000000000000000000000000000081565b60405173ffffffffffffffffffffffffffffffffffffffff90911681526020016100df565b6100d56101573660046109a4565b5f60208181529281526040808220909352908152205481565b61019961017e3660046109ce565b60016020525f908152604090205467ffffffffffffffff1681565b60405167ffffffffffffffff90911681526020016100df565b6101996101c036600461092b565b6104c7565b6100fb6101d33660046109a4565b6105c3565b6040517ff25a5dd5000000000000000000000000000000000000000000000000000000008152336004820152600c60248201527f000000000000000000000000000000000000000000000000000000000000000073ffffffffffffffffffffffffffffffffffffffff169063f25a5dd590604401602060405180830381865afa158015610267573d5f5f3e3d5ffd5b505050506040513d601f19601f8201168201806040525081019061028b91906109e5565b33906102e1576040517f0e5e5f6f00000000000000000000000000000000000000000000000000000000815273ffffffffffffffffffffffffffffffffffffffff90911660048201526024015b60405180910390fd5b505f81900361031c576040517fb263ae7300000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b6040805133602080830191909152818301869052825180830384018152606090920183528151918101919091205f81815260019092529190205467ffffffffffffffff908116908190859081168211156103b6576040517f62bd8d5900000000000000000000000000000000000000000000000000000000815267ffffffffffffffff9283166004820152911660248201526044016102d8565b50505f8281526020818152604080832067ffffffffffffffff881684529091529020548381036103e857505050505050565b8084811561042b576040517f36053a7d000000000000000000000000000000000000000000000000000000008152600481019290925260248201526044016102d8565b50505f8381526020818152604080832067ffffffffffffffff8916808552908352818420889055868452600183529281902080547fffffffffffffffffffffffffffffffffffffffffffffffff000000000000000016841790558051898152918201879052339186917fd08c0f9b474d9b3e230a73cb2d02327e814c6e65c51849d1765617f47c94e4cf910160405180910390a4505050505050565b6040517fc634562600000000000000000000000000000000000000000000000000000000815273ffffffffffffffffffffffffffffffffffffffff83811660048301525f9160029183917f00000000000000000000000000000000000000000000000000000000000000009091169063c634562690602401602060405180830381865afa15801561055a573d5f5f3e3d5ffd5b505050506040513d601f19601f8201168201806040525081019061057e9190610a0b565b73ffffffffffffffffffffffffffffffffffffffff16815260208082019290925260409081015f90812085825290925290205467ffffffffffffffff16905092915050565b6040517ff25a5dd50000000000000000000000000000000000000000000000000000000081523360048083019190915260248201527f000000000000000000000000000000000000000000000000000000000000000073ffffffffffffffffffffffffffffffffffffffff169063f25a5dd590604401602060405180830381865afa158015610654573d5f5f3e3d5ffd5b505050506040513d601f19601f8201168201806040525081019061067891906109e5565b33906106c9576040517f094f947800000000000000000000000000000000000000000000000000000000815273ffffffffffffffffffffffffffffffffffffffff90911660048201526024016102d8565b505f829003610704576040517fb37b7c4300000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b6040517fc63456260000000000000000000000000000000000000000000000000000000081523360048201525f907f000000000000000000000000000000000000000000000000000000000000000073ffffffffffffffffffffffffffffffffffffffff169063c634562690602401602060405180830381865afa15801561078e573d5f5f3e3d5ffd5b505050506040513d601f19601f820116820180604052508101906107b29190610a0b565b73ffffffffffffffffffffffffffffffffffffffff81165f90815260026020908152604080832087845290915290205490915067ffffffffffffffff90811690819084908116821115610845576040517ff531fdeb00000000000000000000000000000000000000000000000000000000815267ffffffffffffffff9283166004820152911660248201526044016102d8565b50508067ffffffffffffffff168367ffffffffffffffff16036108685750505050565b73ffffffffffffffffffffffffffffffffffffffff82165f90815260026020908152604080832087845282529182902080547fffffffffffffffffffffffffffffffffffffffffffffffff00000000000000001667ffffffffffffffff87169081179091559151918252859133917fe5c7c4911aebb33da363e91f567f75f05365144df487b8508af1e0b3ad17e70a910160405180910390a350505050565b73ffffffffffffffffffffffffffffffffffffffff81168114610928575f5ffd5b50565b5f5f6040838503121561093c575f5ffd5b823561094781610907565b946020939093013593505050565b803567ffffffffffffffff8116811461096c575f5ffd5b919050565b5f5f5f60608486031215610983575f5ffd5b8335925061099360208501610955565b929592945050506040919091013590565b5f5f604083850312156109b5575f5ffd5b823591506109c560208401610955565b90509250929050565b5f602082840312156109de575f5ffd5b5035919050565b5f602082840312156109f5575f5ffd5b81518015158114610a04575f5ffd5b9392505050565b5f60208284031215610a1b575f5ffd5b8151610a048161090756",
}

// Anchors is an auto generated Go binding around an Ethereum contract.
type Anchors struct {
	abi abi.ABI
}

// GetABI returns the ABI associated with this contract binding.
func (c *Anchors) GetABI() abi.ABI {
	return c.abi
}

// NewAnchors creates a new instance of Anchors.
func NewAnchors() *Anchors {
	parsed, err := AnchorsMetaData.ParseABI()
	if err != nil {
		panic(errors.New("invalid ABI: " + err.Error()))
	}
	return &Anchors{abi: *parsed}
}

// Instance creates a wrapper for a deployed contract instance at the given address.
// Use this to create the instance object passed to abigen v2 library functions Call, Transact, etc.
func (c *Anchors) Instance(backend bind.ContractBackend, addr common.Address) *bind.BoundContract {
	return bind.NewBoundContract(addr, c.abi, backend, backend, backend)
}

// PackConstructor is the Go binding used to pack the parameters required for
// contract deployment.
//
// Solidity: constructor(address registry_) returns()
func (anchors *Anchors) PackConstructor(registry_ common.Address) []byte {
	enc, err := anchors.abi.Pack("", registry_)
	if err != nil {
		panic(err)
	}
	return enc
}

// PackAllow is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xdea1828e.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function allow(bytes32 dataset, uint64 nanoRho) returns()
func (anchors *Anchors) PackAllow(dataset [32]byte, nanoRho uint64) []byte {
	enc, err := anchors.abi.Pack("allow", dataset, nanoRho)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackAllow is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xdea1828e.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function allow(bytes32 dataset, uint64 nanoRho) returns()
func (anchors *Anchors) TryPackAllow(dataset [32]byte, nanoRho uint64) ([]byte, error) {
	return anchors.abi.Pack("allow", dataset, nanoRho)
}

// PackAllowance is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xbcf9fcad.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function allowance(address provider, bytes32 dataset) view returns(uint64)
func (anchors *Anchors) PackAllowance(provider common.Address, dataset [32]byte) []byte {
	enc, err := anchors.abi.Pack("allowance", provider, dataset)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackAllowance is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xbcf9fcad.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function allowance(address provider, bytes32 dataset) view returns(uint64)
func (anchors *Anchors) TryPackAllowance(provider common.Address, dataset [32]byte) ([]byte, error) {
	return anchors.abi.Pack("allowance", provider, dataset)
}

// UnpackAllowance is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0xbcf9fcad.
//
// Solidity: function allowance(address provider, bytes32 dataset) view returns(uint64)
func (anchors *Anchors) UnpackAllowance(data []byte) (uint64, error) {
	out, err := anchors.abi.Unpack("allowance", data)
	if err != nil {
		return *new(uint64), err
	}
	out0 := *abi.ConvertType(out[0], new(uint64)).(*uint64)
	return out0, nil
}

// PackAnchor is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x70c127c6.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function anchor(bytes32 kind, uint64 size, bytes32 root) returns()
func (anchors *Anchors) PackAnchor(kind [32]byte, size uint64, root [32]byte) []byte {
	enc, err := anchors.abi.Pack("anchor", kind, size, root)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackAnchor is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x70c127c6.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function anchor(bytes32 kind, uint64 size, bytes32 root) returns()
func (anchors *Anchors) TryPackAnchor(kind [32]byte, size uint64, root [32]byte) ([]byte, error) {
	return anchors.abi.Pack("anchor", kind, size, root)
}

// PackLogIdOf is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x35c790d1.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function logIdOf(address keeper, bytes32 kind) pure returns(bytes32)
func (anchors *Anchors) PackLogIdOf(keeper common.Address, kind [32]byte) []byte {
	enc, err := anchors.abi.Pack("logIdOf", keeper, kind)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackLogIdOf is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x35c790d1.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function logIdOf(address keeper, bytes32 kind) pure returns(bytes32)
func (anchors *Anchors) TryPackLogIdOf(keeper common.Address, kind [32]byte) ([]byte, error) {
	return anchors.abi.Pack("logIdOf", keeper, kind)
}

// UnpackLogIdOf is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0x35c790d1.
//
// Solidity: function logIdOf(address keeper, bytes32 kind) pure returns(bytes32)
func (anchors *Anchors) UnpackLogIdOf(data []byte) ([32]byte, error) {
	out, err := anchors.abi.Unpack("logIdOf", data)
	if err != nil {
		return *new([32]byte), err
	}
	out0 := *abi.ConvertType(out[0], new([32]byte)).(*[32]byte)
	return out0, nil
}

// PackNewest is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x99f29055.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function newest(bytes32 logId) view returns(uint64 size)
func (anchors *Anchors) PackNewest(logId [32]byte) []byte {
	enc, err := anchors.abi.Pack("newest", logId)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackNewest is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x99f29055.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function newest(bytes32 logId) view returns(uint64 size)
func (anchors *Anchors) TryPackNewest(logId [32]byte) ([]byte, error) {
	return anchors.abi.Pack("newest", logId)
}

// UnpackNewest is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0x99f29055.
//
// Solidity: function newest(bytes32 logId) view returns(uint64 size)
func (anchors *Anchors) UnpackNewest(data []byte) (uint64, error) {
	out, err := anchors.abi.Unpack("newest", data)
	if err != nil {
		return *new(uint64), err
	}
	out0 := *abi.ConvertType(out[0], new(uint64)).(*uint64)
	return out0, nil
}

// PackRegistry is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x7b103999.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function registry() view returns(address)
func (anchors *Anchors) PackRegistry() []byte {
	enc, err := anchors.abi.Pack("registry")
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
func (anchors *Anchors) TryPackRegistry() ([]byte, error) {
	return anchors.abi.Pack("registry")
}

// UnpackRegistry is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0x7b103999.
//
// Solidity: function registry() view returns(address)
func (anchors *Anchors) UnpackRegistry(data []byte) (common.Address, error) {
	out, err := anchors.abi.Unpack("registry", data)
	if err != nil {
		return *new(common.Address), err
	}
	out0 := *abi.ConvertType(out[0], new(common.Address)).(*common.Address)
	return out0, nil
}

// PackRoots is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x7c8635c6.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function roots(bytes32 logId, uint64 size) view returns(bytes32 root)
func (anchors *Anchors) PackRoots(logId [32]byte, size uint64) []byte {
	enc, err := anchors.abi.Pack("roots", logId, size)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackRoots is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x7c8635c6.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function roots(bytes32 logId, uint64 size) view returns(bytes32 root)
func (anchors *Anchors) TryPackRoots(logId [32]byte, size uint64) ([]byte, error) {
	return anchors.abi.Pack("roots", logId, size)
}

// UnpackRoots is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0x7c8635c6.
//
// Solidity: function roots(bytes32 logId, uint64 size) view returns(bytes32 root)
func (anchors *Anchors) UnpackRoots(data []byte) ([32]byte, error) {
	out, err := anchors.abi.Unpack("roots", data)
	if err != nil {
		return *new([32]byte), err
	}
	out0 := *abi.ConvertType(out[0], new([32]byte)).(*[32]byte)
	return out0, nil
}

// AnchorsAllowed represents a Allowed event raised by the Anchors contract.
type AnchorsAllowed struct {
	Provider common.Address
	Dataset  [32]byte
	NanoRho  uint64
	Raw      *types.Log // Blockchain specific contextual infos
}

const AnchorsAllowedEventName = "Allowed"

// ContractEventName returns the user-defined event name.
func (AnchorsAllowed) ContractEventName() string {
	return AnchorsAllowedEventName
}

// UnpackAllowedEvent is the Go binding that unpacks the event data emitted
// by contract.
//
// Solidity: event Allowed(address indexed provider, bytes32 indexed dataset, uint64 nanoRho)
func (anchors *Anchors) UnpackAllowedEvent(log *types.Log) (*AnchorsAllowed, error) {
	event := "Allowed"
	if len(log.Topics) == 0 {
		return nil, bind.ErrNoEventSignature
	}
	if log.Topics[0] != anchors.abi.Events[event].ID {
		return nil, bind.ErrEventSignatureMismatch
	}
	out := new(AnchorsAllowed)
	if len(log.Data) > 0 {
		if err := anchors.abi.UnpackIntoInterface(out, event, log.Data); err != nil {
			return nil, err
		}
	}
	var indexed abi.Arguments
	for _, arg := range anchors.abi.Events[event].Inputs {
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

// AnchorsAnchored represents a Anchored event raised by the Anchors contract.
type AnchorsAnchored struct {
	LogId  [32]byte
	Keeper common.Address
	Size   uint64
	Kind   [32]byte
	Root   [32]byte
	Raw    *types.Log // Blockchain specific contextual infos
}

const AnchorsAnchoredEventName = "Anchored"

// ContractEventName returns the user-defined event name.
func (AnchorsAnchored) ContractEventName() string {
	return AnchorsAnchoredEventName
}

// UnpackAnchoredEvent is the Go binding that unpacks the event data emitted
// by contract.
//
// Solidity: event Anchored(bytes32 indexed logId, address indexed keeper, uint64 indexed size, bytes32 kind, bytes32 root)
func (anchors *Anchors) UnpackAnchoredEvent(log *types.Log) (*AnchorsAnchored, error) {
	event := "Anchored"
	if len(log.Topics) == 0 {
		return nil, bind.ErrNoEventSignature
	}
	if log.Topics[0] != anchors.abi.Events[event].ID {
		return nil, bind.ErrEventSignatureMismatch
	}
	out := new(AnchorsAnchored)
	if len(log.Data) > 0 {
		if err := anchors.abi.UnpackIntoInterface(out, event, log.Data); err != nil {
			return nil, err
		}
	}
	var indexed abi.Arguments
	for _, arg := range anchors.abi.Events[event].Inputs {
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
func (anchors *Anchors) UnpackError(raw []byte) (any, error) {
	if bytes.Equal(raw[:4], anchors.abi.Errors["AllowanceFell"].ID.Bytes()[:4]) {
		return anchors.UnpackAllowanceFellError(raw[4:])
	}
	if bytes.Equal(raw[:4], anchors.abi.Errors["NotAllower"].ID.Bytes()[:4]) {
		return anchors.UnpackNotAllowerError(raw[4:])
	}
	if bytes.Equal(raw[:4], anchors.abi.Errors["NotAnchorer"].ID.Bytes()[:4]) {
		return anchors.UnpackNotAnchorerError(raw[4:])
	}
	if bytes.Equal(raw[:4], anchors.abi.Errors["RootConflict"].ID.Bytes()[:4]) {
		return anchors.UnpackRootConflictError(raw[4:])
	}
	if bytes.Equal(raw[:4], anchors.abi.Errors["SizeFell"].ID.Bytes()[:4]) {
		return anchors.UnpackSizeFellError(raw[4:])
	}
	if bytes.Equal(raw[:4], anchors.abi.Errors["ZeroDataset"].ID.Bytes()[:4]) {
		return anchors.UnpackZeroDatasetError(raw[4:])
	}
	if bytes.Equal(raw[:4], anchors.abi.Errors["ZeroRoot"].ID.Bytes()[:4]) {
		return anchors.UnpackZeroRootError(raw[4:])
	}
	return nil, errors.New("Unknown error")
}

// AnchorsAllowanceFell represents a AllowanceFell error raised by the Anchors contract.
type AnchorsAllowanceFell struct {
	Allowed uint64
	NanoRho uint64
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error AllowanceFell(uint64 allowed, uint64 nanoRho)
func AnchorsAllowanceFellErrorID() common.Hash {
	return common.HexToHash("0xf531fdebe0f2e1fd954b72a2bed69e53b9276b98bd77b8f09b4d7643ca6de66e")
}

// UnpackAllowanceFellError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error AllowanceFell(uint64 allowed, uint64 nanoRho)
func (anchors *Anchors) UnpackAllowanceFellError(raw []byte) (*AnchorsAllowanceFell, error) {
	out := new(AnchorsAllowanceFell)
	if err := anchors.abi.UnpackIntoInterface(out, "AllowanceFell", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// AnchorsNotAllower represents a NotAllower error raised by the Anchors contract.
type AnchorsNotAllower struct {
	Caller common.Address
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error NotAllower(address caller)
func AnchorsNotAllowerErrorID() common.Hash {
	return common.HexToHash("0x094f9478253a3ae7034b6e4896fad704012b9b8207c0e2e358c662faef9c0876")
}

// UnpackNotAllowerError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error NotAllower(address caller)
func (anchors *Anchors) UnpackNotAllowerError(raw []byte) (*AnchorsNotAllower, error) {
	out := new(AnchorsNotAllower)
	if err := anchors.abi.UnpackIntoInterface(out, "NotAllower", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// AnchorsNotAnchorer represents a NotAnchorer error raised by the Anchors contract.
type AnchorsNotAnchorer struct {
	Caller common.Address
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error NotAnchorer(address caller)
func AnchorsNotAnchorerErrorID() common.Hash {
	return common.HexToHash("0x0e5e5f6fb7b58e86a564686afc7a504f61673ce48074764f6af98ea30d68fcd6")
}

// UnpackNotAnchorerError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error NotAnchorer(address caller)
func (anchors *Anchors) UnpackNotAnchorerError(raw []byte) (*AnchorsNotAnchorer, error) {
	out := new(AnchorsNotAnchorer)
	if err := anchors.abi.UnpackIntoInterface(out, "NotAnchorer", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// AnchorsRootConflict represents a RootConflict error raised by the Anchors contract.
type AnchorsRootConflict struct {
	Anchored [32]byte
	Root     [32]byte
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error RootConflict(bytes32 anchored, bytes32 root)
func AnchorsRootConflictErrorID() common.Hash {
	return common.HexToHash("0x36053a7d5682d4084180ed3e80739bc4beaa45f6f9be5765728b2ed939976a0b")
}

// UnpackRootConflictError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error RootConflict(bytes32 anchored, bytes32 root)
func (anchors *Anchors) UnpackRootConflictError(raw []byte) (*AnchorsRootConflict, error) {
	out := new(AnchorsRootConflict)
	if err := anchors.abi.UnpackIntoInterface(out, "RootConflict", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// AnchorsSizeFell represents a SizeFell error raised by the Anchors contract.
type AnchorsSizeFell struct {
	Latest uint64
	Size   uint64
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error SizeFell(uint64 latest, uint64 size)
func AnchorsSizeFellErrorID() common.Hash {
	return common.HexToHash("0x62bd8d59b49abd0056ef96ae92ce43d3151752804e833ea45b6f463bb9552c80")
}

// UnpackSizeFellError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error SizeFell(uint64 latest, uint64 size)
func (anchors *Anchors) UnpackSizeFellError(raw []byte) (*AnchorsSizeFell, error) {
	out := new(AnchorsSizeFell)
	if err := anchors.abi.UnpackIntoInterface(out, "SizeFell", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// AnchorsZeroDataset represents a ZeroDataset error raised by the Anchors contract.
type AnchorsZeroDataset struct {
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error ZeroDataset()
func AnchorsZeroDatasetErrorID() common.Hash {
	return common.HexToHash("0xb37b7c439d5c0db67c6b82707cf6d11e86b488cd4647b3f441833163508e4e7b")
}

// UnpackZeroDatasetError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error ZeroDataset()
func (anchors *Anchors) UnpackZeroDatasetError(raw []byte) (*AnchorsZeroDataset, error) {
	out := new(AnchorsZeroDataset)
	if err := anchors.abi.UnpackIntoInterface(out, "ZeroDataset", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// AnchorsZeroRoot represents a ZeroRoot error raised by the Anchors contract.
type AnchorsZeroRoot struct {
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error ZeroRoot()
func AnchorsZeroRootErrorID() common.Hash {
	return common.HexToHash("0xb263ae738e814ca9af6ee56bb85daa47624e790421913c947dcba2aac07cfdbd")
}

// UnpackZeroRootError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error ZeroRoot()
func (anchors *Anchors) UnpackZeroRootError(raw []byte) (*AnchorsZeroRoot, error) {
	out := new(AnchorsZeroRoot)
	if err := anchors.abi.UnpackIntoInterface(out, "ZeroRoot", raw); err != nil {
		return nil, err
	}
	return out, nil
}

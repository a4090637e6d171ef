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

// RegistryParticipant is an auto generated low-level Go binding around an user-defined struct.
type RegistryParticipant struct {
	Roles        uint32
	Organisation [32]byte
}

// RegistryMetaData contains all meta data concerning the Registry contract.
var RegistryMetaData = bind.MetaData{
	ABI: "[{\"inputs\":[{\"internalType\":\"address\",\"name\":\"operator\",\"type\":\"address\"},{\"internalType\":\"bytes32\",\"name\":\"organisation\",\"type\":\"bytes32\"},{\"internalType\":\"bytes32\",\"name\":\"genesis\",\"type\":\"bytes32\"}],\"stateMutability\":\"nonpayable\",\"type\":\"constructor\"},{\"inputs\":[{\"internalType\":\"uint32\",\"name\":\"roles\",\"type\":\"uint32\"}],\"name\":\"BadRoles\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"address\",\"name\":\"caller\",\"type\":\"address\"}],\"name\":\"NotOperator\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"address\",\"name\":\"account\",\"type\":\"address\"}],\"name\":\"NotRegistered\",\"type\":\"error\"},{\"inputs\":[],\"name\":\"OwnOperatorRole\",\"type\":\"error\"},{\"inputs\":[],\"name\":\"ZeroValue\",\"type\":\"error\"},{\"anonymous\":false,\"inputs\":[{\"indexed\":true,\"internalType\":\"address\",\"name\":\"account\",\"type\":\"address\"},{\"indexed\":false,\"internalType\":\"uint32\",\"name\":\"roles\",\"type\":\"uint32\"},{\"indexed\":true,\"internalType\":\"bytes32\",\"name\":\"organisation\",\"type\":\"bytes32\"},{\"indexed\":true,\"internalType\":\"address\",\"name\":\"by\",\"type\":\"address\"}],\"name\":\"Registered\",\"type\":\"event\"},{\"anonymous\":false,\"inputs\":[{\"indexed\":true,\"internalType\":\"address\",\"name\":\"account\",\"type\":\"address\"},{\"indexed\":true,\"internalType\":\"address\",\"name\":\"by\",\"type\":\"address\"}],\"name\":\"Removed\",\"type\":\"event\"},{\"inputs\":[],\"name\":\"genesisHash\",\"outputs\":[{\"internalType\":\"bytes32\",\"name\":\"\",\"type\":\"bytes32\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[{\"internalType\":\"address\",\"name\":\"account\",\"type\":\"address\"},{\"internalType\":\"uint32\",\"name\":\"roles\",\"type\":\"uint32\"}],\"name\":\"holds\",\"outputs\":[{\"internalType\":\"bool\",\"name\":\"\",\"type\":\"bool\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[{\"internalType\":\"address\",\"name\":\"account\",\"type\":\"address\"}],\"name\":\"participant\",\"outputs\":[{\"components\":[{\"internalType\":\"uint32\",\"name\":\"roles\",\"type\":\"uint32\"},{\"internalType\":\"bytes32\",\"name\":\"organisation\",\"type\":\"bytes32\"}],\"internalType\":\"structRegistry.Participant\",\"name\":\"\",\"type\":\"tuple\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[{\"internalType\":\"address\",\"name\":\"account\",\"type\":\"address\"},{\"internalType\":\"uint32\",\"name\":\"roles\",\"type\":\"uint32\"},{\"internalType\":\"bytes32\",\"name\":\"organisation\",\"type\":\"bytes32\"}],\"name\":\"register\",\"outputs\":[],\"stateMutability\":\"nonpayable\",\"type\":\"function\"},{\"inputs\":[{\"internalType\":\"address\",\"name\":\"account\",\"type\":\"address\"}],\"name\":\"remove\",\"outputs\":[],\"stateMutability\":\"nonpayable\",\"type\":\"function\"}]",
	ID:  "Registry",
	Bin: "0x60a060405234801561000f575f5ffd5b506040516107b73803806107b783398101604081905261002e9161016a565b5f81900361004f57604051637c946ed760e01b815260040160405180910390fd5b608081905261006083602084610068565b5050506101a9565b6001600160a01b0383161580159061007f57508015155b61009c57604051637c946ed760e01b815260040160405180910390fd5b63ffffffff8216158015906100b75750604063ffffffff8316105b82906100e357604051637e4b19d160e11b815263ffffffff909116600482015260240160405180910390fd5b5060408051808201825263ffffffff84811680835260208084018681526001600160a01b0389165f8181528084528790209551865463ffffffff19169516949094178555516001909401939093559251928352339284927fd0a5e541712fadecc849d0b695ba3e24f3b7cc509f947e189f2f61da24d3d615910160405180910390a4505050565b5f5f5f6060848603121561017c575f5ffd5b83516001600160a01b0381168114610192575f5ffd5b602085015160409095015190969495509392505050565b6080516105f66101c15f395f61011f01526105f65ff3fe608060405234801561000f575f5ffd5b5060043610610064575f3560e01c806329092d0e1161004d57806329092d0e1461010757806394391a6d1461011a578063f25a5dd51461014f575f5ffd5b80630dfffc25146100685780632605b3c71461007d575b5f5ffd5b61007b61007636600461056c565b6101a0565b005b6100e161008b3660046105a5565b604080518082019091525f80825260208201525073ffffffffffffffffffffffffffffffffffffffff165f90815260208181526040918290208251808401909352805463ffffffff168352600101549082015290565b60408051825163ffffffff16815260209283015192810192909252015b60405180910390f35b61007b6101153660046105a5565b610215565b6101417f000000000000000000000000000000000000000000000000000000000000000081565b6040519081526020016100fe565b61019061015d3660046105c5565b73ffffffffffffffffffffffffffffffffffffffff919091165f908152602081905260409020541663ffffffff16151590565b60405190151581526020016100fe565b6101a8610369565b73ffffffffffffffffffffffffffffffffffffffff8316331415806101cf57506020821615155b610205576040517f2bd9457800000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b6102108383836103cc565b505050565b61021d610369565b3373ffffffffffffffffffffffffffffffffffffffff82160361026c576040517f2bd9457800000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b73ffffffffffffffffffffffffffffffffffffffff81165f90815260208190526040902054819063ffffffff166102ed576040517fbfc6c33700000000000000000000000000000000000000000000000000000000815273ffffffffffffffffffffffffffffffffffffffff90911660048201526024015b60405180910390fd5b5073ffffffffffffffffffffffffffffffffffffffff81165f8181526020819052604080822080547fffffffffffffffffffffffffffffffffffffffffffffffffffffffff00000000168155600101829055513392917f40e634d0e26d9ec2e860e4dd9b7b2cfbb569b6058362a1a54d3a94718bc4958791a350565b335f8181526020818152604090912054166103c9576040517f76c6c93a00000000000000000000000000000000000000000000000000000000815273ffffffffffffffffffffffffffffffffffffffff90911660048201526024016102e4565b50565b73ffffffffffffffffffffffffffffffffffffffff8316158015906103f057508015155b610426576040517f7c946ed700000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b63ffffffff8216158015906104415750604063ffffffff8316105b8290610482576040517ffc9633a200000000000000000000000000000000000000000000000000000000815263ffffffff90911660048201526024016102e4565b5060408051808201825263ffffffff848116808352602080840186815273ffffffffffffffffffffffffffffffffffffffff89165f818152808452879020955186547fffffffffffffffffffffffffffffffffffffffffffffffffffffffff00000000169516949094178555516001909401939093559251928352339284927fd0a5e541712fadecc849d0b695ba3e24f3b7cc509f947e189f2f61da24d3d615910160405180910390a4505050565b803573ffffffffffffffffffffffffffffffffffffffff81168114610554575f5ffd5b919050565b803563ffffffff81168114610554575f5ffd5b5f5f5f6060848603121561057e575f5ffd5b61058784610531565b925061059560208501610559565b9150604084013590509250925092565b5f602082840312156105b5575f5ffd5b6105be82610531565b9392505050565b5f5f604083850312156105d6575f5ffd5b6105df83610531565b91506105ed60208401610559565b9050925092905056",
}

// Registry is an auto generated Go binding around an Ethereum contract.
type Registry struct {
	abi abi.ABI
}

// GetABI returns the ABI associated with this contract binding.
func (c *Registry) GetABI() abi.ABI {
	return c.abi
}

// NewRegistry creates a new instance of Registry.
func NewRegistry() *Registry {
	parsed, err := RegistryMetaData.ParseABI()
	if err != nil {
		panic(errors.New("invalid ABI: " + err.Error()))
	}
	return &Registry{abi: *parsed}
}

// Instance creates a wrapper for a deployed contract instance at the given address.
// Use this to create the instance object passed to abigen v2 library functions Call, Transact, etc.
func (c *Registry) Instance(backend bind.ContractBackend, addr common.Address) *bind.BoundContract {
	return bind.NewBoundContract(addr, c.abi, backend, backend, backend)
}

// PackConstructor is the Go binding used to pack the parameters required for
// contract deployment.
//
// Solidity: constructor(address operator, bytes32 organisation, bytes32 genesis) returns()
func (registry *Registry) PackConstructor(operator common.Address, organisation [32]byte, genesis [32]byte) []byte {
	enc, err := registry.abi.Pack("", operator, organisation, genesis)
	if err != nil {
		panic(err)
	}
	return enc
}

// PackGenesisHash is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x94391a6d.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function genesisHash() view returns(bytes32)
func (registry *Registry) PackGenesisHash() []byte {
	enc, err := registry.abi.Pack("genesisHash")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackGenesisHash is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x94391a6d.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function genesisHash() view returns(bytes32)
func (registry *Registry) TryPackGenesisHash() ([]byte, error) {
	return registry.abi.Pack("genesisHash")
}

// UnpackGenesisHash is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0x94391a6d.
//
// Solidity: function genesisHash() view returns(bytes32)
func (registry *Registry) UnpackGenesisHash(data []byte) ([32]byte, error) {
	out, err := registry.abi.Unpack("genesisHash", data)
	if err != nil {
		return *new([32]byte), err
	}
	out0 := *abi.ConvertType(out[0], new([32]byte)).(*[32]byte)
	return out0, nil
}

// PackHolds is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xf25a5dd5.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function holds(address account, uint32 roles) view returns(bool)
func (registry *Registry) PackHolds(account common.Address, roles uint32) []byte {
	enc, err := registry.abi.Pack("holds", account, roles)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackHolds is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xf25a5dd5.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function holds(address account, uint32 roles) view returns(bool)
func (registry *Registry) TryPackHolds(account common.Address, roles uint32) ([]byte, error) {
	return registry.abi.Pack("holds", account, roles)
}

// UnpackHolds is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0xf25a5dd5.
//
// Solidity: function holds(address account, uint32 roles) view returns(bool)
func (registry *Registry) UnpackHolds(data []byte) (bool, error) {
	out, err := registry.abi.Unpack("holds", data)
	if err != nil {
		return *new(bool), err
	}
	out0 := *abi.ConvertType(out[0], new(bool)).(*bool)
	return out0, nil
}

// PackParticipant is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x2605b3c7.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function participant(address account) view returns((uint32,bytes32))
func (registry *Registry) PackParticipant(account common.Address) []byte {
	enc, err := registry.abi.Pack("participant", account)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackParticipant is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x2605b3c7.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function participant(address account) view returns((uint32,bytes32))
func (registry *Registry) TryPackParticipant(account common.Address) ([]byte, error) {
	return registry.abi.Pack("participant", account)
}

// UnpackParticipant is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0x2605b3c7.
//
// Solidity: function participant(address account) view returns((uint32,bytes32))
func (registry *Registry) UnpackParticipant(data []byte) (RegistryParticipant, error) {
	out, err := registry.abi.Unpack("participant", data)
	if err != nil {
		return *new(RegistryParticipant), err
	}
	out0 := *abi.ConvertType(out[0], new(RegistryParticipant)).(*RegistryParticipant)
	return out0, nil
}

// PackRegister is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x0dfffc25.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function register(address account, uint32 roles, bytes32 organisation) returns()
func (registry *Registry) PackRegister(account common.Address, roles uint32, organisation [32]byte) []byte {
	enc, err := registry.abi.Pack("register", account, roles, organisation)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackRegister is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x0dfffc25.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function register(address account, uint32 roles, bytes32 organisation) returns()
func (registry *Registry) TryPackRegister(account common.Address, roles uint32, organisation [32]byte) ([]byte, error) {
	return registry.abi.Pack("register", account, roles, organisation)
}

// PackRemove is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x29092d0e.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function remove(address account) returns()
func (registry *Registry) PackRemove(account common.Address) []byte {
	enc, err := registry.abi.Pack("remove", account)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackRemove is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x29092d0e.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function remove(address account) returns()
func (registry *Registry) TryPackRemove(account common.Address) ([]byte, error) {
	return registry.abi.Pack("remove", account)
}

// RegistryRegistered represents a Registered event raised by the Registry contract.
type RegistryRegistered struct {
	Account      common.Address
	Roles        uint32
	Organisation [32]byte
	By           common.Address
	Raw          *types.Log // Blockchain specific contextual infos
}

const RegistryRegisteredEventName = "Registered"

// ContractEventName returns the user-defined event name.
func (RegistryRegistered) ContractEventName() string {
	return RegistryRegisteredEventName
}

// UnpackRegisteredEvent is the Go binding that unpacks the event data emitted
// by contract.
//
// Solidity: event Registered(address indexed account, uint32 roles, bytes32 indexed organisation, address indexed by)
func (registry *Registry) UnpackRegisteredEvent(log *types.Log) (*RegistryRegistered, error) {
	event := "Registered"
	if len(log.Topics) == 0 {
		return nil, bind.ErrNoEventSignature
	}
	if log.Topics[0] != registry.abi.Events[event].ID {
		return nil, bind.ErrEventSignatureMismatch
	}
	out := new(RegistryRegistered)
	if len(log.Data) > 0 {
		if err := registry.abi.UnpackIntoInterface(out, event, log.Data); err != nil {
			return nil, err
		}
	}
	var indexed abi.Arguments
	for _, arg := range registry.abi.Events[event].Inputs {
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

// RegistryRemoved represents a Removed event raised by the Registry contract.
type RegistryRemoved struct {
	Account common.Address
	By      common.Address
	Raw     *types.Log // Blockchain specific contextual infos
}

const RegistryRemovedEventName = "Removed"

// ContractEventName returns the user-defined event name.
func (RegistryRemoved) ContractEventName() string {
	return RegistryRemovedEventName
}

// UnpackRemovedEvent is the Go binding that unpacks the event data emitted
// by contract.
//
// Solidity: event Removed(address indexed account, address indexed by)
func (registry *Registry) UnpackRemovedEvent(log *types.Log) (*RegistryRemoved, error) {
	event := "Removed"
	if len(log.Topics) == 0 {
		return nil, bind.ErrNoEventSignature
	}
	if log.Topics[0] != registry.abi.Events[event].ID {
		return nil, bind.ErrEventSignatureMismatch
	}
	out := new(RegistryRemoved)
	if len(log.Data) > 0 {
		if err := registry.abi.UnpackIntoInterface(out, event, log.Data); err != nil {
			return nil, err
		}
	}
	var indexed abi.Arguments
	for _, arg := range registry.abi.Events[event].Inputs {
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
func (registry *Registry) UnpackError(raw []byte) (any, error) {
	if bytes.Equal(raw[:4], registry.abi.Errors["BadRoles"].ID.Bytes()[:4]) {
		return registry.UnpackBadRolesError(raw[4:])
	}
	if bytes.Equal(raw[:4], registry.abi.Errors["NotOperator"].ID.Bytes()[:4]) {
		return registry.UnpackNotOperatorError(raw[4:])
	}
	if bytes.Equal(raw[:4], registry.abi.Errors["NotRegistered"].ID.Bytes()[:4]) {
		return registry.UnpackNotRegisteredError(raw[4:])
	}
	if bytes.Equal(raw[:4], registry.abi.Errors["OwnOperatorRole"].ID.Bytes()[:4]) {
		return registry.UnpackOwnOperatorRoleError(raw[4:])
	}
	if bytes.Equal(raw[:4], registry.abi.Errors["ZeroValue"].ID.Bytes()[:4]) {
		return registry.UnpackZeroValueError(raw[4:])
	}
	return nil, errors.New("Unknown error")
}

// RegistryBadRoles represents a BadRoles error raised by the Registry contract.
type RegistryBadRoles struct {
	Roles uint32
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error BadRoles(uint32 roles)
func RegistryBadRolesErrorID() common.Hash {
	return common.HexToHash("0xfc9633a275098d0a01bcefa2f7a2fa6d8bd172905aa02f76d50a5adf32d80ca7")
}

// UnpackBadRolesError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error BadRoles(uint32 roles)
func (registry *Registry) UnpackBadRolesError(raw []byte) (*RegistryBadRoles, error) {
	out := new(RegistryBadRoles)
	if err := registry.abi.UnpackIntoInterface(out, "BadRoles", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// RegistryNotOperator represents a NotOperator error raised by the Registry contract.
type RegistryNotOperator struct {
	Caller common.Address
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error NotOperator(address caller)
func RegistryNotOperatorErrorID() common.Hash {
	return common.HexToHash("0x76c6c93a6423c7e2cef5f93921b1d4d1a5ffb795cd7cfed2df95566b7c7f7c40")
}

// UnpackNotOperatorError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error NotOperator(address caller)
func (registry *Registry) UnpackNotOperatorError(raw []byte) (*RegistryNotOperator, error) {
	out := new(RegistryNotOperator)
	if err := registry.abi.UnpackIntoInterface(out, "NotOperator", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// RegistryNotRegistered represents a NotRegistered error raised by the Registry contract.
type RegistryNotRegistered struct {
	Account common.Address
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error NotRegistered(address account)
func RegistryNotRegisteredErrorID() common.Hash {
	return common.HexToHash("0xbfc6c337a80b7b8201f77f0a2a54c6e5f7c6fd9124a749804a482fa16ee8a895")
}

// UnpackNotRegisteredError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error NotRegistered(address account)
func (registry *Registry) UnpackNotRegisteredError(raw []byte) (*RegistryNotRegistered, error) {
	out := new(RegistryNotRegistered)
	if err := registry.abi.UnpackIntoInterface(out, "NotRegistered", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// RegistryOwnOperatorRole represents a OwnOperatorRole error raised by the Registry contract.
type RegistryOwnOperatorRole struct {
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error OwnOperatorRole()
func RegistryOwnOperatorRoleErrorID() common.Hash {
	return common.HexToHash("0x2bd9457844edcc3d94ed9aed122344e928a053334740f0aca5d2c47210ab3914")
}

// UnpackOwnOperatorRoleError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error OwnOperatorRole()
func (registry *Registry) UnpackOwnOperatorRoleError(raw []byte) (*RegistryOwnOperatorRole, error) {
	out := new(RegistryOwnOperatorRole)
	if err := registry.abi.UnpackIntoInterface(out, "OwnOperatorRole", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// RegistryZeroValue represents a ZeroValue error raised by the Registry contract.
type RegistryZeroValue struct {
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error ZeroValue()
func RegistryZeroValueErrorID() common.Hash {
	return common.HexToHash("0x7c946ed78134c23eac50c0c02964d68f22dd28448c070d39c9f8e8389b217469")
}

// UnpackZeroValueError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error ZeroValue()
func (registry *Registry) UnpackZeroValueError(raw []byte) (*RegistryZeroValue, error) {
	out := new(RegistryZeroValue)
	if err := registry.abi.UnpackIntoInterface(out, "ZeroValue", raw); err != nil {
		return nil, err
	}
	return out, nil
}
